using System.Runtime.InteropServices;
using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>
/// Half-quadratic quantization (Badri and Shaji, "Half-Quadratic Quantization of Large Machine Learning Models", 2023): scales and zero points that make the
/// sum of |w - q|^p small, p below 1, by turns: the errors are shrunken, then the group's parameters are fitted by least squares to the weights less the
/// shrunken errors. Starts from the quantizer's own scales, needs no data, and never ends with a larger sum than it began with. The paper keeps the scale and
/// fits a zero point that is no code; here a zero point is one, so both are fitted, and without zero points the scale alone.
/// </summary>
public sealed class HqqCalibrator : ICalibrator
{
    private readonly HqqOptions _options;

    /// <param name="options">Norm, penalty and steps.</param>
    public HqqCalibrator(HqqOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <inheritdoc/>
    public bool NeedsInputs => false;

    /// <inheritdoc/>
    public ISiteCalibration Begin(torch.Tensor weight, IQuantizer quantizer) => new Calibration(_options, weight, quantizer);

    private sealed class Calibration(HqqOptions options, torch.Tensor weight, IQuantizer quantizer) : ISiteCalibration
    {
        public void Observe(torch.Tensor inputs)
        {
        }

        public CalibratedWeight Quantize()
        {
            using var scope = torch.NewDisposeScope();
            var nearest = quantizer.Quantize(weight);
            var values = MemoryMarshal.Cast<byte, float>(weight.detach().contiguous().bytes);
            var (codes, scales, zeros) = ((sbyte[])nearest.Codes.Clone(), (Half[])nearest.Scales.Clone(), (sbyte[]?)nearest.ZeroPoints?.Clone());
            for (var g = 0; g < scales.Length; g++)
            {
                var start = g % nearest.GroupsPerRow * nearest.GroupSize;
                var (at, length) = (g / nearest.GroupsPerRow * nearest.RowLength + start, Math.Min(nearest.GroupSize, nearest.RowLength - start));
                var group = new HqqGroup(options, nearest.Scheme, values.Slice(at, length), codes.AsSpan(at, length), scales[g], zeros?[g] ?? 0);
                scales[g] = group.Fit();
                if (zeros is not null)
                    zeros[g] = group.Zero;
            }
            return new CalibratedWeight(new QuantizedTensor(nearest.Scheme, nearest.Shape, nearest.GroupSize, codes, scales, zeros));
        }

        public void Dispose()
        {
        }
    }
}
