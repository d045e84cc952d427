using CompressionHost.Abstractions;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Models;

/// <summary>Layer normalization (Ba et al., arXiv 1607.06450), in float32 throughout.</summary>
internal sealed class FloatLayerNorm(ModelCompute compute, Parameter weight, Parameter bias)
{
    private readonly long[] _shape = [weight.shape[0]];

    /// <summary>Its gain and bias.</summary>
    public NormParameters Parameters { get; } = new(weight, bias);

    public torch.Tensor Forward(torch.Tensor x) => torch.nn.functional.layer_norm(x, _shape, weight, bias, compute.LayerNormEpsilon);
}
