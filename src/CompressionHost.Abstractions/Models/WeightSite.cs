using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Abstractions;

/// <summary>
/// One named weight tensor that may be quantized. The module that owns it computes with <see cref="Current"/>; a trainer puts a
/// fake-quantized tensor into <see cref="Override"/> before a forward pass, an evaluation a dequantized one, and null
/// brings back the full-precision weight.
/// </summary>
public sealed class WeightSite
{
    /// <param name="name">Name of the tensor as Hugging Face's checkpoints have it.</param>
    /// <param name="kind">What the weight is used for.</param>
    /// <param name="weight">The full-precision weight, rows first: [outputs, inputs], [outputs, channels, height, width] or [vocabulary, width].</param>
    public WeightSite(string name, WeightKind kind, Parameter weight)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(weight);
        (Name, Kind, Weight) = (name, kind, weight);
    }

    /// <summary>Name of the tensor as Hugging Face's checkpoints have it.</summary>
    public string Name { get; }

    /// <summary>What the weight is used for.</summary>
    public WeightKind Kind { get; }

    /// <summary>The full-precision weight that training updates.</summary>
    public Parameter Weight { get; }

    /// <summary>The tensor to compute with instead of <see cref="Weight"/>, of the same shape; null for none. Whoever sets it disposes of it.</summary>
    public torch.Tensor? Override { get; set; }

    /// <summary>The tensor the owning module computes with.</summary>
    public torch.Tensor Current => Override is null ? Weight : Override;
}

/// <summary>What a weight is used for.</summary>
public enum WeightKind
{
    /// <summary>A matrix product.</summary>
    Linear,

    /// <summary>A convolution, such as the patch embedding.</summary>
    Convolution,

    /// <summary>A table of which rows are looked up.</summary>
    Embedding,
}
