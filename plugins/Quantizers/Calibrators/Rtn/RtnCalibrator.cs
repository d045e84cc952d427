using CompressionHost.Abstractions;
using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>Rounding to the nearest level by the rule's own quantizer, by name: what a rule without <c>calibrate</c> does.</summary>
public sealed class RtnCalibrator : ICalibrator
{
    /// <inheritdoc/>
    public bool NeedsInputs => false;

    /// <inheritdoc/>
    public ISiteCalibration Begin(torch.Tensor weight, IQuantizer quantizer) => new NearestRounding(weight, quantizer);
}

/// <summary>Options of <c>use: rtn</c>: none.</summary>
public sealed record RtnOptions;

/// <summary>A weight whose quantizer decides alone.</summary>
internal sealed class NearestRounding(torch.Tensor weight, IQuantizer quantizer) : ISiteCalibration
{
    /// <inheritdoc/>
    public void Observe(torch.Tensor inputs)
    {
    }

    /// <inheritdoc/>
    public CalibratedWeight Quantize() => new(quantizer.Quantize(weight));

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
