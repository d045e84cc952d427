using CompressionHost.Abstractions;
using CompressionHost.Inference;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Models;

/// <summary>What all layers of a model share.</summary>
internal sealed class ClipCompute(ClipConfig config)
{
    /// <summary>Type of the matrix products.</summary>
    public torch.ScalarType Type { get; set; } = torch.ScalarType.Float32;

    public ClipActivation Activation { get; } = config.Activation;

    public double LayerNormEpsilon { get; } = config.LayerNormEpsilon;

    /// <summary>The tensor in <see cref="Type"/>: itself, or a copy.</summary>
    public torch.Tensor Cast(torch.Tensor tensor) => tensor.dtype == Type ? tensor : tensor.to(Type);
}

/// <summary>A matrix product with a weight site and perhaps a bias.</summary>
internal sealed class SiteLinear(ClipCompute compute, WeightSite site, Parameter? bias)
{
    /// <param name="rows">[rows, inputs] in the compute type.</param>
    /// <param name="biasScale">Factor on the bias.</param>
    /// <param name="productScale">Factor on the product. Both are free: the matrix product applies them.</param>
    /// <returns>[rows, outputs] in the compute type.</returns>
    public torch.Tensor Forward(torch.Tensor rows, double biasScale = 1, double productScale = 1)
    {
        using var weight = compute.Cast(site.Current).t();
        return bias is null ? torch.mm(rows, weight) : torch.addmm(compute.Cast(bias), rows, weight, (float)biasScale, (float)productScale);
    }
}

/// <summary>Layer normalization, in float32 throughout.</summary>
internal sealed class ClipLayerNorm(ClipCompute compute, Parameter weight, Parameter bias)
{
    private readonly long[] _shape = [weight.shape[0]];

    public torch.Tensor Forward(torch.Tensor x) => torch.nn.functional.layer_norm(x, _shape, weight, bias, compute.LayerNormEpsilon);
}
