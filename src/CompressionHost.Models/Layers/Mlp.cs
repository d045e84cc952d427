using CompressionHost.Abstractions;
using CompressionHost.Inference;
using TorchSharp;

namespace CompressionHost.Models;

/// <summary>The two layers of a transformer block's MLP.</summary>
internal sealed class Mlp(ModelCompute compute, SiteLinear up, SiteLinear down)
{
    /// <summary>Of quick GELU: x * sigmoid(1.702 x) is silu(1.702 x) / 1.702, and both factors are taken by the products around it.</summary>
    private const double QuickGelu = 1.702;

    /// <summary>The MLP of a block, its layers found by their names.</summary>
    public static Mlp Of(ModelCompute compute, ModelWeights weights, string block, BlockNames names) =>
        new(compute, weights.Linear(compute, $"{block}.{names.Up}"), weights.Linear(compute, $"{block}.{names.Down}"));

    /// <summary>The weight of the first layer.</summary>
    public WeightSite UpSite => up.Site;

    /// <summary>The weight of the second layer.</summary>
    public WeightSite DownSite => down.Site;

    /// <param name="rows">[rows, width] in the compute type.</param>
    /// <returns>[rows, width] in the compute type.</returns>
    public torch.Tensor Forward(torch.Tensor rows) => compute.Activation == ClipActivation.QuickGelu
        ? down.Forward(torch.nn.functional.silu(up.Forward(rows, QuickGelu, QuickGelu)), 1, 1 / QuickGelu)
        : down.Forward(torch.nn.functional.gelu(up.Forward(rows)));
}
