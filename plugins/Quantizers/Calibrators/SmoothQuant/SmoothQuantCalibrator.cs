using System.ComponentModel.DataAnnotations;
using CompressionHost.Abstractions;
using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>
/// SmoothQuant (Xiao et al., arXiv 2211.10438, equation 4): s_j = max|X_j|^alpha / max|W_j|^(1 - alpha) moves from the inputs' channel j into the weights, so
/// that channels with outliers cost the inputs' int8 scale less where inputs are quantized as they come. Then each weight is rounded to the nearest level.
/// Layers whose inputs are not a normalization's are rounded only.
/// </summary>
public sealed class SmoothQuantCalibrator : IInputScaler
{
    // Gains of the normalization stay within float16.
    private const double Limit = 1000;

    private readonly double _alpha;

    /// <param name="options">How much of the difficulty moves.</param>
    public SmoothQuantCalibrator(SmoothQuantOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _alpha = options.Alpha;
    }

    /// <inheritdoc/>
    public bool NeedsInputs => true;

    /// <inheritdoc/>
    public ISiteCalibration Begin(torch.Tensor weight, IQuantizer quantizer) => new NearestRounding(weight, quantizer);

    /// <inheritdoc/>
    /// <remarks>A channel that is always zero, or that no weight uses, keeps its scale.</remarks>
    public torch.Tensor Factors(torch.Tensor greatest, IReadOnlyList<torch.Tensor> weights)
    {
        ArgumentNullException.ThrowIfNull(greatest);
        ArgumentNullException.ThrowIfNull(weights);
        using var scope = torch.NewDisposeScope();
        var largest = torch.zeros_like(greatest);
        foreach (var weight in weights)
            largest = torch.maximum(largest, weight.abs().amax(0));
        var (x, w) = (greatest.data<float>().ToArray(), largest.contiguous().data<float>().ToArray());
        var factors = new float[x.Length];
        for (var j = 0; j < factors.Length; j++)
            factors[j] = x[j] > 0 && w[j] > 0 ? (float)Math.Clamp(Math.Pow(x[j], _alpha) / Math.Pow(w[j], 1 - _alpha), 1 / Limit, Limit) : 1;
        return torch.tensor(factors).MoveToOuterDisposeScope();
    }
}

/// <summary>Options of <c>calibrate: { use: smoothquant }</c>.</summary>
public sealed record SmoothQuantOptions
{
    /// <summary>0 leaves the difficulty with the inputs, 1 moves all of it into the weights.</summary>
    [Range(0.0, 1.0)]
    public double Alpha { get; init; } = 0.5;
}
