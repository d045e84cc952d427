using CompressionHost.Abstractions;
using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>
/// GPTQ (Frantar et al., arXiv 2210.17323): columns are quantized one after another, and what each costs the layer's output is taken back by the columns still
/// to come, as the inverse of the inputs' second moments says. Works on the grid of any quantizer: its scale, and zero point, of a group are computed when the
/// group's first column is reached, from the weights as they are by then. A row that comes out worse than rounding to the nearest level is rounded.
/// </summary>
public sealed class GptqCalibrator : ICalibrator
{
    private readonly GptqOptions _options;

    /// <param name="options">Damping, order, fitting of scales.</param>
    public GptqCalibrator(GptqOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <inheritdoc/>
    public bool NeedsInputs => true;

    /// <inheritdoc/>
    public ISiteCalibration Begin(torch.Tensor weight, IQuantizer quantizer)
    {
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(quantizer);
        return new GptqCalibration(_options, weight, quantizer);
    }
}
