using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>
/// The same quantization by tensor operations, for weights on another device. Each operation is the one <see cref="CodeRounding"/> does, in the same
/// order, so that both give the same bits.
/// </summary>
internal static class GroupTensorOps
{
    /// <summary>w + lambda (Q(w) - w).</summary>
    /// <param name="weight">float32, contiguous.</param>
    /// <param name="layout">Its groups.</param>
    /// <param name="rule">Their scales.</param>
    /// <param name="lambda">The ramp, from 0 to 1.</param>
    /// <returns>The values, and whether every scale was finite.</returns>
    internal static (torch.Tensor Values, bool Finite) FakeQuantize(torch.Tensor weight, GroupLayout layout, GroupRule rule, float lambda)
    {
        var rows = weight.reshape(layout.Rows, layout.RowLength);
        var whole = layout.RowLength / layout.GroupSize * layout.GroupSize;
        var (values, finite) = Quantized(rows.narrow(1, 0, whole).reshape(-1, layout.GroupSize), rule);
        values = values.reshape(layout.Rows, whole);
        if (whole < layout.RowLength)
        {
            var (tail, tailFinite) = Quantized(rows.narrow(1, whole, layout.RowLength - whole), rule);
            (values, finite) = (torch.cat([values, tail], 1), finite && tailFinite);
        }
        if (lambda == 1)
            return (values.reshape(weight.shape), finite);
        using var share = lambda.ToScalar();
        return (rows.add(values.sub(rows).mul(share), TorchScalars.One).reshape(weight.shape), finite);
    }

    private static (torch.Tensor Values, bool Finite) Quantized(torch.Tensor groups, GroupRule rule)
    {
        var (s, z) = rule.Fit(groups);
        z ??= torch.zeros_like(s);
        var (least, most) = (z.neg().add(TorchScalars.Of(rule.Scheme.MinCode), TorchScalars.One), z.neg().add(TorchScalars.Of(rule.Scheme.MaxCode), TorchScalars.One));
        var nothing = s.eq(TorchScalars.Of(0));
        torch.Tensor steps;
        if (rule.Scheme.Step > 1)
        {
            var threshold = least.add(most, TorchScalars.One).mul(TorchScalars.Of(0.5)).mul(s);
            steps = torch.where(groups.ge(threshold).logical_or(nothing), most, least);
        }
        else
        {
            var divisor = s.masked_fill(nothing, TorchScalars.Of(double.PositiveInfinity));
            // Adding 0 makes -0 positive.
            steps = torch.minimum(torch.maximum(groups.div(divisor), least), most).round().add(TorchScalars.Of(0), TorchScalars.One);
        }
        return (steps.mul(s), s.isfinite().all().item<bool>());
    }
}
