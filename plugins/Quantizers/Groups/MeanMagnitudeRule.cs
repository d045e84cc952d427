using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>s = mean|w|, the least squared error there is for codes of -1 and 1 (Rastegari et al., XNOR-Net, arXiv 1603.05279, equation 6).</summary>
internal sealed class MeanMagnitudeRule(QuantizationScheme scheme) : GroupRule(scheme)
{
    /// <inheritdoc/>
    internal override string InWords => "mean|w|";

    /// <inheritdoc/>
    internal override (Half Scale, int ZeroPoint) Fit(ReadOnlySpan<float> group) => (TernaryCodes.Scale(group, 1), 0);

    /// <inheritdoc/>
    internal override (torch.Tensor Scales, torch.Tensor? ZeroPoints) Fit(torch.Tensor groups) => (Rounded(TernaryTensorOps.Scales(groups, 1)), null);
}
