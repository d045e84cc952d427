using CompressionHost.Abstractions;
using TorchSharp;

namespace CompressionHost.Models;

/// <summary>A matrix product with a weight site and the bias of its layer, if there is one.</summary>
internal sealed class SiteLinear(ModelCompute compute, WeightSite site)
{
    /// <summary>The weight it multiplies with.</summary>
    public WeightSite Site => site;

    /// <param name="rows">[rows, inputs] in the compute type.</param>
    /// <param name="biasScale">Factor on the bias.</param>
    /// <param name="productScale">Factor on the product. Both are free where there is a bias: the matrix product applies them.</param>
    /// <returns>[rows, outputs] in the compute type.</returns>
    public torch.Tensor Forward(torch.Tensor rows, double biasScale = 1, double productScale = 1)
    {
        site.Observer?.Invoke(rows);
        using var weight = compute.Cast(site.Current).t();
        if (site.CurrentBias is { } bias)
            return torch.addmm(compute.Cast(bias), rows, weight, (float)biasScale, (float)productScale);
        var product = torch.mm(rows, weight);
        return productScale == 1 ? product : product.mul(TorchScalars.Of(productScale));
    }
}
