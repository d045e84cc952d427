using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Abstractions;

/// <summary>
/// One named weight tensor that may be quantized. The module that owns it computes with <see cref="Current"/> and <see cref="CurrentBias"/>; a
/// trainer puts a fake-quantized tensor into <see cref="Override"/> before a forward pass, an evaluation a dequantized one, and null
/// brings back the full-precision weight. The bias has an override of its own.
/// </summary>
public sealed class WeightSite
{
    private const string Suffix = ".weight";

    /// <param name="name">Name of the tensor as Hugging Face's checkpoints have it.</param>
    /// <param name="kind">What the weight is used for.</param>
    /// <param name="weight">The full-precision weight, rows first: [outputs, inputs], [outputs, channels, height, width] or [vocabulary, width].</param>
    /// <param name="bias">What its layer adds to the outputs, [outputs]; null for nothing.</param>
    public WeightSite(string name, WeightKind kind, Parameter weight, Parameter? bias = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(weight);
        (Name, Kind, Weight, Bias) = (name, kind, weight, bias);
    }

    /// <summary>Name of the tensor as Hugging Face's checkpoints have it.</summary>
    public string Name { get; }

    /// <summary>What the weight is used for.</summary>
    public WeightKind Kind { get; }

    /// <summary>Name of the bias of the layer with that weight, if it has one: Hugging Face calls them <c>x.weight</c> and <c>x.bias</c>.</summary>
    /// <param name="weight">Name of a weight.</param>
    public static string BiasName(string weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        return (weight.EndsWith(Suffix, StringComparison.Ordinal) ? weight[..^Suffix.Length] : weight) + ".bias";
    }

    /// <summary>The full-precision weight that training updates.</summary>
    public Parameter Weight { get; }

    /// <summary>The tensor to compute with instead of <see cref="Weight"/>, of the same shape; null for none. Whoever sets it disposes of it.</summary>
    public torch.Tensor? Override { get; set; }

    /// <summary>What the layer adds to its outputs, [outputs]; null where it adds nothing.</summary>
    public Parameter? Bias { get; }

    /// <summary>The tensor to add instead of <see cref="Bias"/>, of the same shape; null for none. Whoever sets it disposes of it.</summary>
    public torch.Tensor? BiasOverride { get; set; }

    /// <summary>The tensor the owning module adds to its outputs; null for none.</summary>
    public torch.Tensor? CurrentBias => BiasOverride is null ? Bias : BiasOverride;

    /// <summary>
    /// Shown the inputs [count, row length] of every matrix product with this weight, up to a positive factor that is the same in every call; for a
    /// convolution its patches. Null for nobody. Rows of a table are looked up: it has no inputs.
    /// </summary>
    public Action<torch.Tensor>? Observer { get; set; }

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
