using CompressionHost.Inference;
using TorchSharp;

namespace CompressionHost.Models;

/// <summary>What all layers of a model share.</summary>
/// <param name="activation">Activation of the MLPs.</param>
/// <param name="epsilon">Added to the variance in every LayerNorm.</param>
internal sealed class ModelCompute(ClipActivation activation, double epsilon)
{
    private torch.ScalarType _type = torch.ScalarType.Float32;

    /// <summary>Type of the matrix products.</summary>
    /// <exception cref="ArgumentException">Neither float32 nor bfloat16.</exception>
    public torch.ScalarType Type
    {
        get => _type;
        set => _type = value is torch.ScalarType.Float32 or torch.ScalarType.BFloat16
            ? value
            : throw new ArgumentException($"A model computes in Float32 or BFloat16, not in {value}.", nameof(value));
    }

    public ClipActivation Activation { get; } = activation;

    public double LayerNormEpsilon { get; } = epsilon;

    /// <summary>The tensor in <see cref="Type"/>: itself, or a copy.</summary>
    public torch.Tensor Cast(torch.Tensor tensor) => tensor.dtype == Type ? tensor : tensor.to(Type);
}
