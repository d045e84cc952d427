using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>s = max|w| / c, where c is the largest code: the outermost weight gets it, or its negative.</summary>
internal sealed class LargestMagnitudeRule(QuantizationScheme scheme) : GroupRule(scheme)
{
    /// <inheritdoc/>
    internal override string InWords => $"max|w| / {Scheme.MaxCode}";

    /// <inheritdoc/>
    internal override (Half Scale, int ZeroPoint) Fit(ReadOnlySpan<float> group) => ((Half)(GroupStatistics.LargestMagnitude(group) / Scheme.MaxCode), 0);

    /// <inheritdoc/>
    internal override (torch.Tensor Scales, torch.Tensor? ZeroPoints) Fit(torch.Tensor groups) =>
        (Rounded(groups.abs().amax([1], keepdim: true) / TernaryTensorOps.Divisor(Scheme.MaxCode, groups)), null);
}
