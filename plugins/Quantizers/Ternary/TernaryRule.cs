using CompressionHost.Abstractions;
using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>Scale of a ternary group and the magnitude that a weight must exceed for a code other than 0.</summary>
/// <param name="Scale">Not negative; not finite where the group cannot be quantized.</param>
/// <param name="Threshold">Infinity for a scale of 0, whose codes are all 0.</param>
internal readonly record struct TernaryGroup(Half Scale, float Threshold)
{
    /// <summary>A group whose weights get the nearest of -s, 0 and s.</summary>
    internal static TernaryGroup Nearest(Half scale) => new(scale, TernaryCodes.Threshold((float)scale));
}

/// <summary>How scale and threshold of a group come about.</summary>
internal abstract class TernaryRule
{
    /// <summary>The scale in words, for messages.</summary>
    internal abstract string InWords { get; }

    /// <summary>Scale and threshold of a group.</summary>
    /// <param name="group">Its weights, at least one.</param>
    /// <param name="index">Which group of the weight it is, row-major.</param>
    internal abstract TernaryGroup Fit(ReadOnlySpan<float> group, int index);

    /// <summary>The same for all groups by tensor operations that give the same bits, for weights on another device.</summary>
    /// <param name="groups">float32 [groups, weights].</param>
    /// <returns>float16 and float32, both [groups, 1].</returns>
    internal abstract (torch.Tensor Scales, torch.Tensor Thresholds) Fit(torch.Tensor groups);
}

/// <summary>s = factor * mean|w|.</summary>
internal sealed class FactorRule(float factor) : TernaryRule
{
    /// <inheritdoc/>
    internal override string InWords => $"{factor} * mean|w|";

    /// <inheritdoc/>
    internal override TernaryGroup Fit(ReadOnlySpan<float> group, int index) => TernaryGroup.Nearest(TernaryCodes.Scale(group, factor));

    /// <inheritdoc/>
    internal override (torch.Tensor Scales, torch.Tensor Thresholds) Fit(torch.Tensor groups)
    {
        var scales = TernaryTensorOps.Scales(groups, factor);
        return (scales, TernaryTensorOps.Thresholds(scales));
    }
}

/// <summary>
/// Ternary Weight Networks (Li et al., arXiv 1605.04711): the threshold is 0.7 mean|w| (equation 6) and the scale the mean magnitude of the weights
/// above it (equation 5). The scale is not twice the threshold, so a weight may get the code 0 although s is nearer; dequantized weights are 0 or
/// at least the threshold, and encode to the same codes.
/// </summary>
internal sealed class TwnRule : TernaryRule
{
    private const float Share = 0.7f;

    /// <inheritdoc/>
    internal override string InWords => "mean|w| of the larger weights";

    /// <inheritdoc/>
    internal override TernaryGroup Fit(ReadOnlySpan<float> group, int index)
    {
        var mean = TernaryCodes.AbsoluteMean(group);
        var threshold = Share * mean;
        var scale = float.IsFinite(mean) ? (Half)TernaryCodes.AbsoluteMeanAbove(group, threshold) : Half.NaN;
        return new TernaryGroup(scale, scale == Half.Zero ? float.PositiveInfinity : threshold);
    }

    /// <inheritdoc/>
    internal override (torch.Tensor Scales, torch.Tensor Thresholds) Fit(torch.Tensor groups)
    {
        var magnitudes = groups.abs();
        var means = TernaryTensorOps.RowSums(magnitudes) / TernaryTensorOps.Divisor(groups.shape[1], groups);
        var thresholds = means.mul(TorchScalars.Of(Share));
        var above = magnitudes.gt(thresholds);
        var counts = above.sum(1, keepdim: true).clamp_min(TorchScalars.One).to(torch.ScalarType.Float32);
        var sums = TernaryTensorOps.RowSums(magnitudes.masked_fill(above.logical_not(), TorchScalars.Of(0)));
        var scales = (sums / counts).masked_fill(means.isfinite().logical_not(), TorchScalars.Of(double.NaN)).to(torch.ScalarType.Float16);
        return (scales, thresholds.masked_fill(scales.eq(TorchScalars.Of(0)), TorchScalars.Of(double.PositiveInfinity)));
    }
}

/// <summary>Scales that were learned; what is left to see is whether the weights are finite.</summary>
internal sealed class GivenScalesRule(Half[] scales) : TernaryRule
{
    /// <inheritdoc/>
    internal override string InWords => "the learned scale";

    /// <inheritdoc/>
    internal override TernaryGroup Fit(ReadOnlySpan<float> group, int index) =>
        TernaryGroup.Nearest(TernaryCodes.AllFinite(group) ? scales[index] : Half.NaN);

    /// <inheritdoc/>
    internal override (torch.Tensor Scales, torch.Tensor Thresholds) Fit(torch.Tensor groups)
    {
        var given = torch.tensor(scales, [scales.Length, 1]).to(groups.device);
        var checkedScales = given.masked_fill(groups.isfinite().all(1, keepdim: true).logical_not(), TorchScalars.Of(double.NaN));
        return (checkedScales, TernaryTensorOps.Thresholds(checkedScales));
    }
}
