using TorchSharp;

namespace CompressionHost.Testing;

/// <summary>A weight to try a quantizer on.</summary>
/// <param name="Name">What it is, for messages.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Values">Its values, row-major.</param>
internal sealed record WeightCase(string Name, long[] Shape, float[] Values)
{
    /// <summary>The weight as a new tensor.</summary>
    internal torch.Tensor Tensor() => torch.tensor(Values, Shape);
}

/// <summary>Weights of every kind of shape and of the values that quantizers get wrong.</summary>
internal static class WeightCases
{
    // One value, whole groups of the usual sizes, ragged tails, one row, more rows than columns, convolutions.
    private static readonly long[][] Shapes =
        [[1, 1], [1, 256], [3, 255], [2, 257], [4, 768], [64, 32], [1, 1000], [8, 3, 4, 4], [5, 3, 16, 16], [100, 7]];

    /// <summary>Weights that every quantizer must take.</summary>
    internal static IEnumerable<WeightCase> Regular(int seed)
    {
        foreach (var shape in Shapes)
        {
            var random = new Random(seed);
            yield return Make("normal", shape, seed, _ => 0.02f * Normal(random));
            yield return Make("heavy-tailed", shape, seed, _ => 0.02f * MathF.Pow(Normal(random), 5));
        }
        foreach (var shape in new long[][] { [2, 256], [3, 100] })
        {
            var random = new Random(seed);
            yield return Make("zero", shape, seed, _ => 0);
            yield return Make("constant", shape, seed, _ => 0.03f);
            yield return Make("negative constant", shape, seed, _ => -0.03f);
            yield return Make("another constant each row", shape, seed, i => (i / (int)shape[1]) - 0.5f);
            yield return Make("far from zero", shape, seed, _ => 1 + (0.01f * Normal(random)));
            yield return Make("to one side of zero", shape, seed, _ => -0.02f * MathF.Abs(Normal(random)));
            yield return Make("one outlier", shape, seed, i => i == 5 ? 50 : 0.01f * Normal(random));
            yield return Make("multiples of 1/8", shape, seed, _ => random.Next(-8, 9) / 8f);
            yield return Make("below float16", shape, seed, _ => 1e-9f * Normal(random));
            yield return Make("scales subnormal in float16", shape, seed, _ => 1e-6f * Normal(random));
            yield return Make("denormal", shape, seed, _ => 1e-41f * random.Next(-9, 9));
            yield return Make("signed zeros and one value", shape, seed, i => i == 0 ? 1 : i % 2 == 0 ? 0f : -0f);
        }
    }

    /// <summary>Weights that a quantizer may refuse, since their scales may exceed float16, but must not get wrong.</summary>
    internal static IEnumerable<WeightCase> Huge(int seed)
    {
        foreach (var magnitude in new[] { 3e4f, 1e6f, 3e38f })
            yield return Make($"alternating {magnitude:G}", [2, 256], seed, i => i % 2 == 0 ? magnitude : -magnitude);
    }

    /// <summary>Weights that a quantizer must refuse.</summary>
    internal static IEnumerable<WeightCase> NotFinite(int seed)
    {
        foreach (var value in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            var random = new Random(seed);
            yield return Make($"one {value}", [3, 300], seed, i => i == 450 ? value : 0.02f * Normal(random));
        }
    }

    private static WeightCase Make(string name, long[] shape, int seed, Func<int, float> value)
    {
        var values = new float[shape.Aggregate(1L, (a, d) => a * d)];
        for (var i = 0; i < values.Length; i++)
            values[i] = value(i);
        return new WeightCase($"{name} [{string.Join(", ", shape)}], seed {seed}", shape, values);
    }

    private static float Normal(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
