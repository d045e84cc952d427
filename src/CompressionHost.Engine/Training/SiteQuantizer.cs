using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Engine;

/// <summary>A weight site and the quantizer its rule gives it, with the scales that training has learned, if any.</summary>
/// <param name="site">The site, of the model being compressed.</param>
/// <param name="quantizer">Its quantizer.</param>
internal sealed class SiteQuantizer(WeightSite site, IQuantizer quantizer) : IDisposable
{
    private readonly ILearnedQuantizer? _learned = quantizer is ILearnedQuantizer { LearnsScales: true } learned ? learned : null;
    private readonly IOutputBiasQuantizer? _bias = quantizer is IOutputBiasQuantizer { AddsOutputBias: true } bias ? bias : null;
    private Parameter? _scales;

    /// <summary>The site.</summary>
    public WeightSite Site => site;

    /// <summary>Its quantizer.</summary>
    public IQuantizer Quantizer => quantizer;

    /// <summary>Makes parameters of what the quantizer learns, with their initial values.</summary>
    /// <returns>Their names and values; empty where nothing is learned.</returns>
    public IReadOnlyList<(string Name, Parameter Value)> StartLearning()
    {
        if (_learned is null)
            return [];
        if (_scales is null)
        {
            using var scope = torch.NewDisposeScope();
            using var _ = torch.no_grad();
            _scales = new Parameter(_learned.InitialScales(site.Weight));
            _scales.DetachFromDisposeScope();
        }
        return [($"{site.Name}.scales", _scales)];
    }

    /// <summary>Makes the model compute as after quantization; the tensors belong to the current dispose scope.</summary>
    public void FakeQuantize(double ramp)
    {
        site.Override = _scales is null ? quantizer.FakeQuantize(site.Weight, ramp) : _learned!.FakeQuantize(site.Weight, _scales, ramp);
        if (_bias is not null)
            site.BiasOverride = Site.Bias!.add(_bias.OutputBias(site.Weight, _scales, ramp), TorchScalars.One);
    }

    /// <summary>Codes and scales of the weight as it is now.</summary>
    public QuantizedTensor Quantize()
    {
        using var scope = torch.NewDisposeScope();
        using var _ = torch.no_grad();
        return _scales is null ? quantizer.Quantize(site.Weight) : _learned!.Quantize(site.Weight, _scales);
    }

    /// <summary>The bias of the layer with what its quantizer adds to it, detached from dispose scopes; null where it adds nothing.</summary>
    public torch.Tensor? FoldedBias()
    {
        if (_bias is null)
            return null;
        using var scope = torch.NewDisposeScope();
        using var _ = torch.no_grad();
        return site.Bias!.add(_bias.OutputBias(site.Weight, _scales), TorchScalars.One).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _scales?.Dispose();
}
