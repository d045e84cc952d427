using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>
/// s = (max - min) / (levels - 1) and z = round(-min / s), where max and min are those of the weights and 0, so that 0 is always a code (Jacob et al., arXiv
/// 1712.05877, section 3).
/// </summary>
internal sealed class RangeRule(QuantizationScheme scheme) : GroupRule(scheme)
{
    private readonly int _steps = scheme.Levels - 1;

    /// <inheritdoc/>
    internal override string InWords => $"(max - min) / {_steps}";

    /// <inheritdoc/>
    internal override (Half Scale, int ZeroPoint) Fit(ReadOnlySpan<float> group)
    {
        var (min, max) = GroupStatistics.RangeWithZero(group);
        var scale = (Half)((max - min) / _steps);
        // A scale that is 0 or not finite has no zero point of its own.
        return (scale, scale > Half.Zero && Half.IsFinite(scale) ? (int)Math.Min(MathF.Round(-min / (float)scale), _steps) : 0);
    }

    /// <inheritdoc/>
    internal override (torch.Tensor Scales, torch.Tensor? ZeroPoints) Fit(torch.Tensor groups)
    {
        var min = groups.amin([1], keepdim: true).clamp_max(TorchScalars.Of(0));
        var max = groups.amax([1], keepdim: true).clamp_min(TorchScalars.Of(0));
        var scales = Rounded(max.sub(min) / TernaryTensorOps.Divisor(_steps, groups));
        var divisor = scales.masked_fill(scales.eq(TorchScalars.Of(0)), TorchScalars.Of(double.PositiveInfinity));
        return (scales, min.neg().div(divisor).round().clamp_max(TorchScalars.Of(_steps)));
    }
}
