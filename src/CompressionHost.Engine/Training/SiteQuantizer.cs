using System.Runtime.InteropServices;
using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Engine;

/// <summary>A weight site and the quantizer its rule gives it.</summary>
/// <param name="Site">The site, of the model being compressed.</param>
/// <param name="Quantizer">Its quantizer.</param>
internal sealed record SiteQuantizer(WeightSite Site, IQuantizer Quantizer)
{
    /// <summary>Makes the model compute with the fake-quantized weight; the tensor belongs to the current dispose scope.</summary>
    public void FakeQuantize(double ramp) => Site.Override = Quantizer.FakeQuantize(Site.Weight, ramp);

    /// <summary>Codes and scales of the weight as it is now.</summary>
    public QuantizedTensor Quantize()
    {
        using var scope = torch.NewDisposeScope();
        using var _ = torch.no_grad();
        return Quantizer.Quantize(Site.Weight);
    }
}

/// <summary>Makes a model compute with quantized weights for a while.</summary>
internal sealed class QuantizedView : IDisposable
{
    private readonly List<(WeightSite Site, torch.Tensor Weight)> _overrides = [];

    public QuantizedView(IEnumerable<(WeightSite Site, QuantizedTensor Quantized)> sites)
    {
        foreach (var (site, quantized) in sites)
        {
            var weight = torch.empty([.. quantized.Shape], dtype: torch.ScalarType.Float32).DetachFromDisposeScope();
            quantized.Dequantize(MemoryMarshal.Cast<byte, float>(weight.bytes));
            site.Override = weight;
            _overrides.Add((site, weight));
        }
    }

    public void Dispose()
    {
        foreach (var (site, weight) in _overrides)
        {
            site.Override = null;
            weight.Dispose();
        }
    }
}
