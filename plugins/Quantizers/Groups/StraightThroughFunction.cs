using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>
/// Fake quantization with the straight-through estimator (Bengio et al., arXiv 1308.3432): the gradient passes unchanged. With the ramp it
/// is still the identity, since w + lambda (Q(w) - w) has the derivative 1 + lambda (1 - 1).
/// </summary>
internal sealed class StraightThroughFunction : torch.autograd.SingleTensorFunction<StraightThroughFunction>
{
    /// <inheritdoc/>
    public override string Name => nameof(StraightThroughFunction);

    /// <param name="ctx">Not used: the gradient needs nothing of the forward pass.</param>
    /// <param name="vars">The weight, then what is computed of it.</param>
    public override torch.Tensor forward(torch.autograd.AutogradContext ctx, params object[] vars) =>
        ((Func<torch.Tensor, torch.Tensor>)vars[1])((torch.Tensor)vars[0]);

    /// <inheritdoc/>
    public override List<torch.Tensor> backward(torch.autograd.AutogradContext ctx, torch.Tensor grad_output) =>
        [grad_output.alias(), null!]; // One entry for each of vars; what is no tensor has no gradient.

    /// <summary>The value of a forward pass, with this gradient where one is asked for.</summary>
    internal static torch.Tensor Run(torch.Tensor weight, Func<torch.Tensor, torch.Tensor> forward) =>
        weight.requires_grad && torch.is_grad_enabled() ? apply(weight, forward) : forward(weight);
}
