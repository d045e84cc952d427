using System.Numerics;
using System.Runtime.InteropServices;
using CompressionHost.Recipes;
using TorchSharp.Modules;
using OptimizerOptions = CompressionHost.Recipes.OptimizerOptions;

namespace CompressionHost.Engine;

/// <summary>
/// AdamW (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2) on CPU tensors, one pass over memory a parameter. Matrices get the weight
/// decay; vectors and scalars (biases, normalization, the logit scale) have none, as is usual. A group with a learning-rate factor of 0
/// is left out: its parameters are frozen.
/// </summary>
/// <remarks>
/// torch.optim.AdamW passes numbers that the garbage collector may free while they are read (see <see cref="Abstractions.TorchScalars"/>):
/// a step could silently compute with garbage, and no two runs need agree.
/// </remarks>
internal sealed class AdamW
{
    private readonly OptimizerOptions _options;
    private readonly List<Moments> _trained = [];

    public AdamW(OptimizerOptions options, IReadOnlyList<(string Name, Parameter Value)> parameters)
    {
        _options = options;
        foreach (var (name, value) in parameters)
        {
            var group = options.Groups.FirstOrDefault(g => g.Match.Any(m => Globs.IsMatch(m, name)));
            var scale = group?.LrScale ?? 1;
            value.requires_grad = scale > 0;
            if (scale > 0)
                _trained.Add(new Moments(name, value, scale, group?.WeightDecay ?? (value.dim() >= 2 ? options.WeightDecay : 0)));
        }
    }

    /// <summary>The parameters that are trained, with their first and second moments.</summary>
    public IReadOnlyList<Moments> Trained => _trained;

    /// <summary>Updates done; the bias correction depends on it.</summary>
    public int Steps { get; set; }

    public void ZeroGradients()
    {
        foreach (var parameter in _trained)
            parameter.Value.grad?.zero_();
    }

    /// <summary>One update with that learning rate. A parameter without a gradient stays as it is.</summary>
    public void Step(double learningRate)
    {
        Steps++;
        var (beta1, beta2) = (_options.Betas[0], _options.Betas[1]);
        var correction1 = 1 - Math.Pow(beta1, Steps);
        var correction2 = Math.Sqrt(1 - Math.Pow(beta2, Steps));
        foreach (var p in _trained)
        {
            if (p.Value.grad is not { } gradient)
                continue;
            using var dense = gradient.contiguous();
            var rate = learningRate * p.LearningRateScale;
            Update(
                MemoryMarshal.Cast<byte, float>(p.Value.bytes), MemoryMarshal.Cast<byte, float>(dense.bytes), p.First, p.Second,
                new Coefficients(
                    (float)(1 - rate * p.WeightDecay), (float)beta1, (float)(1 - beta1), (float)beta2, (float)(1 - beta2),
                    (float)(rate / correction1), (float)(1 / correction2), (float)_options.Epsilon));
        }
    }

    private static void Update(Span<float> weights, ReadOnlySpan<float> gradients, Span<float> first, Span<float> second, Coefficients c)
    {
        var width = Vector<float>.Count;
        var i = 0;
        for (; i <= weights.Length - width; i += width)
        {
            var g = new Vector<float>(gradients[i..]);
            var m = (new Vector<float>(first[i..]) * c.Beta1) + (g * c.Rest1);
            var v = (new Vector<float>(second[i..]) * c.Beta2) + (g * g * c.Rest2);
            var denominator = (Vector.SquareRoot(v) * c.Correction2) + new Vector<float>(c.Epsilon);
            m.CopyTo(first[i..]);
            v.CopyTo(second[i..]);
            ((new Vector<float>(weights[i..]) * c.Decay) - (m * c.Rate / denominator)).CopyTo(weights[i..]);
        }
        for (; i < weights.Length; i++)
        {
            var g = gradients[i];
            first[i] = (first[i] * c.Beta1) + (g * c.Rest1);
            second[i] = (second[i] * c.Beta2) + (g * g * c.Rest2);
            weights[i] = (weights[i] * c.Decay) - (first[i] * c.Rate / ((MathF.Sqrt(second[i]) * c.Correction2) + c.Epsilon));
        }
    }

    private readonly record struct Coefficients(
        float Decay, float Beta1, float Rest1, float Beta2, float Rest2, float Rate, float Correction2, float Epsilon);

    /// <summary>A trained parameter.</summary>
    internal sealed class Moments(string name, Parameter value, double learningRateScale, double weightDecay)
    {
        public string Name { get; } = name;

        public Parameter Value { get; } = value;

        public double LearningRateScale { get; } = learningRateScale;

        public double WeightDecay { get; } = weightDecay;

        /// <summary>Moving mean of the gradient.</summary>
        public float[] First { get; } = new float[value.numel()];

        /// <summary>Moving mean of the gradient's square.</summary>
        public float[] Second { get; } = new float[value.numel()];
    }
}
