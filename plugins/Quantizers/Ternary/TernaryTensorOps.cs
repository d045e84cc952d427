using CompressionHost.Abstractions;
using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>
/// The same quantization by tensor operations, for weights on another device. Each operation is the one <see cref="TernaryCodes"/>
/// does, in the same order, so that both give the same bits.
/// </summary>
internal static class TernaryTensorOps
{
    /// <summary>The scales of a weight.</summary>
    /// <param name="weight">float32 of any shape, contiguous; every row a whole number of groups.</param>
    /// <param name="layout">Its groups.</param>
    /// <param name="factor">Factor on the mean absolute weight.</param>
    /// <returns>float16 [groups, 1].</returns>
    internal static torch.Tensor Scales(torch.Tensor weight, GroupLayout layout, float factor)
    {
        var sums = weight.reshape(-1, layout.GroupSize).abs();
        for (long length = layout.GroupSize, half; length > 1; length = half)
        {
            half = (length + 1) / 2;
            var paired = sums.narrow(1, 0, length - half).add(sums.narrow(1, half, length - half), TorchScalars.One);
            sums = length % 2 == 0 ? paired : torch.cat([paired, sums.narrow(1, half - 1, 1)], 1);
        }
        // A tensor, because CUDA divides by a number through its reciprocal.
        var count = torch.full([1], TorchScalars.Of(layout.GroupSize), dtype: torch.ScalarType.Float32, device: weight.device);
        return (sums / count).mul(TorchScalars.Of(factor)).to(torch.ScalarType.Float16);
    }

    /// <summary>w + lambda (Q(w) - w) with the scales of <see cref="Scales"/>.</summary>
    internal static torch.Tensor FakeQuantize(torch.Tensor weight, torch.Tensor scales, GroupLayout layout, float lambda)
    {
        var w = weight.reshape(-1, layout.GroupSize);
        var s = scales.to(torch.ScalarType.Float32);
        var threshold = s.mul(TorchScalars.Of(0.5)).masked_fill(s.eq(TorchScalars.Of(0)), TorchScalars.Of(double.PositiveInfinity));
        var q = torch.where(w.abs() > threshold, torch.copysign(s, w), torch.zeros_like(w));
        if (lambda == 1)
            return q.reshape(weight.shape);
        using var share = lambda.ToScalar();
        return w.add(q.sub(w).mul(share), TorchScalars.One).reshape(weight.shape);
    }
}
