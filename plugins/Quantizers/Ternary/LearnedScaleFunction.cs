using CompressionHost.Abstractions;
using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>
/// Fake quantization with learned scales: w + lambda (Q(w) - w), with the gradients of <see cref="LearnedScale"/>. That of a scale is summed over its
/// group and divided by sqrt(N Qp), where N is the size of the group and Qp = 1 the largest code, so that scales and weights move at similar
/// speeds (LSQ, arXiv 1902.08153, section 2.2).
/// </summary>
internal sealed class LearnedScaleFunction : torch.autograd.SingleTensorFunction<LearnedScaleFunction>
{
    private const string CallKey = "call";

    /// <inheritdoc/>
    public override string Name => nameof(LearnedScaleFunction);

    /// <param name="ctx">Keeps the weight for the backward pass.</param>
    /// <param name="vars">The weight, the scales, then a <see cref="Call"/>.</param>
    public override torch.Tensor forward(torch.autograd.AutogradContext ctx, params object[] vars)
    {
        var (weight, call) = ((torch.Tensor)vars[0], (Call)vars[2]);
        ctx.save_for_backward([weight]);
        ctx.save_data(CallKey, call);
        return call.Forward(weight);
    }

    /// <inheritdoc/>
    public override List<torch.Tensor> backward(torch.autograd.AutogradContext ctx, torch.Tensor grad_output)
    {
        using var scope = torch.NewDisposeScope();
        var call = (Call)ctx.get_data(CallKey);
        var (ofWeight, ofScales) = Gradients(ctx.get_saved_variables()[0], grad_output, call);
        return [ofWeight.MoveToOuterDisposeScope(), ofScales.MoveToOuterDisposeScope(), null!];
    }

    private static (torch.Tensor Weight, torch.Tensor Scales) Gradients(torch.Tensor weight, torch.Tensor gradient, Call call)
    {
        var (learned, size) = (call.Learned, call.Layout.GroupSize);
        var w = weight.reshape(-1, size);
        var g = gradient.reshape(-1, size);
        var s = torch.tensor(call.Scales, [call.Scales.Length, 1]).to(torch.ScalarType.Float32, w.device);
        var x = w / s.mul(TorchScalars.Of(1 / (double)learned.Level));
        var within = x.abs().le(TorchScalars.Of(learned.Clip));
        var signs = w.sign();
        var levels = signs.mul(TorchScalars.Of(learned.Level)).masked_fill(w.abs().le(TernaryTensorOps.Thresholds(s)), TorchScalars.Of(0));
        var slopes = torch.where(within, levels.sub(x), signs.mul(TorchScalars.Of(learned.Clipped)));
        using var share = (call.Lambda / Math.Sqrt(size)).ToScalar();
        using var lambda = ((double)call.Lambda).ToScalar();
        using var rest = (1 - (double)call.Lambda).ToScalar();
        var passing = within.to(torch.ScalarType.Float32).mul(lambda).add(rest, TorchScalars.One);
        return (g.mul(passing).reshape(weight.shape), slopes.mul(g).sum(1).mul(share));
    }

    /// <summary>What both passes need beside the weight.</summary>
    internal sealed record Call(LearnedScale Learned, Half[] Scales, GroupLayout Layout, float Lambda, Func<torch.Tensor, torch.Tensor> Forward);
}
