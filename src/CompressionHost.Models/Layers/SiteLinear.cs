using CompressionHost.Abstractions;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Models;

/// <summary>A matrix product with a weight site and perhaps a bias.</summary>
internal sealed class SiteLinear(ModelCompute compute, WeightSite site, Parameter? bias)
{
    /// <param name="rows">[rows, inputs] in the compute type.</param>
    /// <param name="biasScale">Factor on the bias.</param>
    /// <param name="productScale">Factor on the product. Both are free where there is a bias: the matrix product applies them.</param>
    /// <returns>[rows, outputs] in the compute type.</returns>
    public torch.Tensor Forward(torch.Tensor rows, double biasScale = 1, double productScale = 1)
    {
        using var weight = compute.Cast(site.Current).t();
        if (bias is not null)
            return torch.addmm(compute.Cast(bias), rows, weight, (float)biasScale, (float)productScale);
        var product = torch.mm(rows, weight);
        return productScale == 1 ? product : product.mul(TorchScalars.Of(productScale));
    }
}
