using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>
/// Fake quantization with the straight-through estimator (Bengio et al., arXiv 1308.3432): the gradient passes unchanged. With the ramp it
/// is still the identity, since w + lambda (Q(w) - w) has the derivative 1 + lambda (1 - 1).
/// </summary>
internal sealed class TernaryFunction : torch.autograd.SingleTensorFunction<TernaryFunction>
{
    /// <inheritdoc/>
    public override string Name => nameof(TernaryFunction);

    /// <param name="ctx">Not used: the gradient needs nothing of the forward pass.</param>
    /// <param name="vars">The weight, then what is computed of it.</param>
    public override torch.Tensor forward(torch.autograd.AutogradContext ctx, params object[] vars) =>
        ((Func<torch.Tensor, torch.Tensor>)vars[1])((torch.Tensor)vars[0]);

    /// <inheritdoc/>
    public override List<torch.Tensor> backward(torch.autograd.AutogradContext ctx, torch.Tensor grad_output) =>
        [grad_output.alias(), null!]; // One entry for each of vars; what is no tensor has no gradient.
}
