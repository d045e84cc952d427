using TorchSharp;

namespace CompressionHost.Testing;

/// <summary>A weight and the inputs of its layer.</summary>
/// <param name="Weight">The weight.</param>
/// <param name="Inputs">[count, row length], row-major.</param>
/// <param name="Count">How many inputs.</param>
internal sealed record LayerCase(WeightCase Weight, float[] Inputs, int Count)
{
    // Several calls of Observe, as batches make them.
    private const int BatchSize = 7;

    internal string Name => $"{Weight.Name}, {Count} inputs";

    internal int Width => Weight.Values.Length / (int)Weight.Shape[0];

    internal LayerCase WithoutInputs() => this with { Inputs = [], Count = 0 };

    /// <summary>The inputs, batch after batch.</summary>
    internal IEnumerable<torch.Tensor> Batches()
    {
        for (var start = 0; start < Count; start += BatchSize)
        {
            var count = Math.Min(BatchSize, Count - start);
            yield return torch.tensor(Inputs[(start * Width)..((start + count) * Width)], [count, Width]);
        }
    }
}

/// <summary>Layers of every kind of shape and of the inputs that make a Hessian singular.</summary>
internal static class LayerCases
{
    private static readonly long[][] Shapes = [[1, 1], [2, 32], [3, 257], [24, 64], [5, 3, 4, 4], [16, 256]];

    internal static IEnumerable<LayerCase> Regular(int seed)
    {
        foreach (var shape in Shapes)
        {
            var random = new Random(seed);
            var weight = Weight("normal", shape, seed, _ => 0.02f * Normal(random));
            var width = weight.Values.Length / (int)shape[0];
            yield return Layer(weight, 3 * width, Correlated(width, random));
        }
        var other = new Random(seed);
        var layer = Weight("heavy-tailed", [8, 64], seed, _ => 0.02f * MathF.Pow(Normal(other), 5));
        yield return Layer(layer, 200, (_, j) => j % 3 == 0 ? 0 : Normal(other));
        yield return Layer(layer, 100, (_, j) => j + 1);
        yield return Layer(layer, 10, (_, _) => Normal(other));
        yield return Layer(layer, 200, (_, j) => Normal(other) * (j == 5 ? 300 : 1));
        yield return Layer(layer, 20, (_, _) => 0);
        yield return Layer(Weight("zero", [4, 32], seed, _ => 0), 50, (_, _) => Normal(other));
    }

    // Each input mixes a few hidden values, as neighbouring channels of a network do.
    private static Func<int, int, float> Correlated(int width, Random random)
    {
        const int Hidden = 4;
        var mix = new float[width * Hidden];
        for (var i = 0; i < mix.Length; i++)
            mix[i] = Normal(random);
        var hidden = new float[Hidden];
        return (_, j) =>
        {
            if (j == 0)
            {
                for (var h = 0; h < Hidden; h++)
                    hidden[h] = Normal(random);
            }
            var value = 0.3f * Normal(random);
            for (var h = 0; h < Hidden; h++)
                value += mix[(j * Hidden) + h] * hidden[h];
            return value;
        };
    }

    private static LayerCase Layer(WeightCase weight, int count, Func<int, int, float> input)
    {
        var width = weight.Values.Length / (int)weight.Shape[0];
        var inputs = new float[count * width];
        for (var i = 0; i < inputs.Length; i++)
            inputs[i] = input(i / width, i % width);
        return new LayerCase(weight, inputs, count);
    }

    private static WeightCase Weight(string name, long[] shape, int seed, Func<int, float> value)
    {
        var values = new float[shape.Aggregate(1L, (a, d) => a * d)];
        for (var i = 0; i < values.Length; i++)
            values[i] = value(i);
        return new WeightCase($"{name} [{string.Join(", ", shape)}], seed {seed}", shape, values);
    }

    private static float Normal(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
