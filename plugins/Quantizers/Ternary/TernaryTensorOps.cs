using CompressionHost.Abstractions;
using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>
/// The same quantization by tensor operations, for weights on another device. Each operation is the one <see cref="TernaryCodes"/>
/// does, in the same order, so that both give the same bits.
/// </summary>
internal static class TernaryTensorOps
{
    /// <summary>factor * mean|w| of each group.</summary>
    /// <param name="groups">float32 [groups, weights].</param>
    /// <param name="factor">Factor on the mean absolute weight.</param>
    /// <returns>float16 [groups, 1].</returns>
    internal static torch.Tensor Scales(torch.Tensor groups, float factor) =>
        (RowSums(groups.abs()) / Divisor(groups.shape[1], groups)).mul(TorchScalars.Of(factor)).to(torch.ScalarType.Float16);

    /// <summary>Half of each scale, and infinity for a scale of 0: float32.</summary>
    internal static torch.Tensor Thresholds(torch.Tensor scales)
    {
        var s = scales.to(torch.ScalarType.Float32);
        return s.mul(TorchScalars.Of(0.5)).masked_fill(s.eq(TorchScalars.Of(0)), TorchScalars.Of(double.PositiveInfinity));
    }

    /// <summary>Sums of the rows in the order of halves: [rows, values] to [rows, 1].</summary>
    internal static torch.Tensor RowSums(torch.Tensor rows)
    {
        var sums = rows;
        for (long length = rows.shape[1], half; length > 1; length = half)
        {
            half = (length + 1) / 2;
            var paired = sums.narrow(1, 0, length - half).add(sums.narrow(1, half, length - half), TorchScalars.One);
            sums = length % 2 == 0 ? paired : torch.cat([paired, sums.narrow(1, half - 1, 1)], 1);
        }
        return sums;
    }

    /// <summary>A number as a tensor, because CUDA divides by a number through its reciprocal.</summary>
    internal static torch.Tensor Divisor(long value, torch.Tensor like) =>
        torch.full([1], TorchScalars.Of(value), dtype: torch.ScalarType.Float32, device: like.device);

    /// <summary>w + lambda (Q(w) - w).</summary>
    /// <param name="groups">float32 [groups, weights].</param>
    /// <param name="scales">[groups, 1].</param>
    /// <param name="thresholds">float32 [groups, 1].</param>
    /// <param name="lambda">From 0 to 1.</param>
    /// <returns>float32 [groups, weights].</returns>
    internal static torch.Tensor FakeQuantize(torch.Tensor groups, torch.Tensor scales, torch.Tensor thresholds, float lambda)
    {
        var s = scales.to(torch.ScalarType.Float32);
        var q = torch.where(groups.abs() > thresholds, torch.copysign(s, groups), torch.zeros_like(groups));
        if (lambda == 1)
            return q;
        using var share = lambda.ToScalar();
        return groups.add(q.sub(groups).mul(share), TorchScalars.One);
    }
}
