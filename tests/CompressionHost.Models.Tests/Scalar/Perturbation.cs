using CompressionHost.Abstractions;
using TorchSharp;

namespace CompressionHost.Models.Tests;

/// <summary>Weights at which every part of a model counts.</summary>
internal static class Perturbation
{
    /// <summary>Adds noise to all weights: biases other than 0 and gains other than 1, and matrices large enough for attention to choose.</summary>
    public static T Perturbed<T>(this T model, long seed, double deviation = 0.2)
        where T : ICompressibleModel
    {
        using var noGradients = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator((ulong)seed);
        foreach (var (_, value) in model.Parameters)
            value.add_(torch.randn(value.shape, generator: generator).mul_(TorchScalars.Of(deviation)));
        return model;
    }

    public static torch.Tensor Noise(int seed, params long[] shape)
    {
        using var generator = new torch.Generator((ulong)seed);
        return torch.randn(shape, generator: generator);
    }
}
