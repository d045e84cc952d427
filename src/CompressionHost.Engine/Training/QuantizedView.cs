using System.Runtime.InteropServices;
using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Engine;

/// <summary>Makes a model compute with quantized weights for a while.</summary>
internal sealed class QuantizedView : IDisposable
{
    private readonly List<WeightSite> _sites = [];

    /// <param name="sites">Codes of each site, and the bias to add instead of its own where it is not null; the view disposes of that.</param>
    public QuantizedView(IEnumerable<(WeightSite Site, QuantizedTensor Quantized, torch.Tensor? Bias)> sites)
    {
        foreach (var (site, quantized, bias) in sites)
        {
            (site.Override, site.BiasOverride) = (Dequantize(quantized), bias);
            _sites.Add(site);
        }
    }

    /// <summary>The float32 tensor of codes and scales, outside of any dispose scope.</summary>
    public static torch.Tensor Dequantize(QuantizedTensor quantized)
    {
        var weight = torch.empty([.. quantized.Shape], dtype: torch.ScalarType.Float32).DetachFromDisposeScope();
        quantized.Dequantize(MemoryMarshal.Cast<byte, float>(weight.bytes));
        return weight;
    }

    public void Dispose()
    {
        foreach (var site in _sites)
        {
            site.Override?.Dispose();
            site.BiasOverride?.Dispose();
            (site.Override, site.BiasOverride) = (null, null);
        }
    }
}
