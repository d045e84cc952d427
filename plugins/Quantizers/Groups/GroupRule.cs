using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>How the scale of a group, and its zero point where the scheme has one, follow from its weights.</summary>
internal abstract class GroupRule(QuantizationScheme scheme)
{
    /// <summary>The alphabet.</summary>
    internal QuantizationScheme Scheme { get; } = scheme;

    /// <summary>The rule in words, for messages.</summary>
    internal abstract string InWords { get; }

    /// <summary>Scale and zero point of a group, at least one weight.</summary>
    /// <returns>The scale rounded to float16, because that is how it is stored, and not negative; not finite where a weight is not or the scale exceeds 65504.</returns>
    internal abstract (Half Scale, int ZeroPoint) Fit(ReadOnlySpan<float> group);

    /// <summary>The same by tensor operations that give the same bits, for weights on another device.</summary>
    /// <param name="groups">float32 [groups, weights].</param>
    /// <returns>Both float32 [groups, 1]; null where the scheme has no zero points.</returns>
    internal abstract (torch.Tensor Scales, torch.Tensor? ZeroPoints) Fit(torch.Tensor groups);

    private protected static torch.Tensor Rounded(torch.Tensor scales) => scales.to(torch.ScalarType.Float16).to(torch.ScalarType.Float32);
}
