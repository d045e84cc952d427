using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Testing;

/// <summary>Each law as a method that returns null where it holds and the difference where it does not.</summary>
internal static class CalibratorLaws
{
    internal static IReadOnlyList<(string Law, Func<ICalibrator, IQuantizer, LayerCase, string?> Check)> OfEveryLayer { get; } =
    [
        ("Shape, group size and scheme are the quantizer's, and every value is finite.", AsAnnounced),
        ("The same weight and inputs give the same codes, scales and zero points.", Repeatable),
        ("Neither the weight nor the inputs are changed.", Untouched),
        ("The error at the layer's output is not above the quantizer's own.", NotWorse),
    ];

    internal static string? AsAnnounced(ICalibrator calibrator, IQuantizer quantizer, LayerCase layer)
    {
        var q = Calibrated(calibrator, quantizer, layer).Weight;
        if (q.Scheme != quantizer.Scheme)
            return $"scheme {q.Scheme} instead of {quantizer.Scheme}";
        var groupSize = quantizer.GroupSize(layer.Weight.Shape);
        if (q.GroupSize != groupSize)
            return $"group size {q.GroupSize} instead of {groupSize}, the quantizer's";
        return TensorComparison.DifferentShape(layer.Weight.Shape, q.Shape)
            ?? (Array.TrueForAll(Values(q), float.IsFinite) ? null : "a value is not finite");
    }

    internal static string? Factors(IInputScaler scaler, LayerCase layer)
    {
        using var inputs = torch.tensor(layer.Inputs, [layer.Count, layer.Width]);
        var factors = scaler.Factors(inputs.abs().amax(0), [layer.Weight.Tensor().reshape(-1, layer.Width)]);
        if (TensorComparison.DifferentShape([layer.Width], factors.shape) is { } shape)
            return shape;
        return Array.TrueForAll(TensorComparison.Values(factors), f => f > 0 && float.IsFinite(f)) ? null : "a factor is not positive and finite";
    }

    internal static string? Refused(ICalibrator calibrator, IQuantizer quantizer, LayerCase layer)
    {
        try
        {
            Calibrated(calibrator, quantizer, layer);
            return "was quantized; throw InvalidInputException, so that a diverged training never becomes a package";
        }
        catch (Exception e) when (e is InvalidInputException or ArgumentException)
        {
            return string.IsNullOrWhiteSpace(e.Message) ? "was refused without a message" : null;
        }
    }

    private static string? Repeatable(ICalibrator calibrator, IQuantizer quantizer, LayerCase layer)
    {
        var (first, second) = (Calibrated(calibrator, quantizer, layer).Weight, Calibrated(calibrator, quantizer, layer).Weight);
        return TensorComparison.Different("code", first.Codes, second.Codes)
            ?? TensorComparison.Different("scale", first.Scales, second.Scales)
            ?? TensorComparison.Different("zero point", first.ZeroPoints ?? [], second.ZeroPoints ?? []);
    }

    private static string? Untouched(ICalibrator calibrator, IQuantizer quantizer, LayerCase layer)
    {
        var weight = layer.Weight.Tensor();
        using var calibration = calibrator.Begin(weight, quantizer);
        foreach (var batch in layer.Batches())
        {
            using var before = batch.clone();
            calibration.Observe(batch);
            if (TensorComparison.DifferentBits(TensorComparison.Values(before), TensorComparison.Values(batch)) is { } changed)
                return $"the inputs were changed, {changed}";
        }
        calibration.Quantize();
        return TensorComparison.DifferentBits(layer.Weight.Values, TensorComparison.Values(weight)) is { } difference ? $"the weight was changed, {difference}" : null;
    }

    private static string? NotWorse(ICalibrator calibrator, IQuantizer quantizer, LayerCase layer)
    {
        // What float32 sums may differ by.
        const double Tolerance = 1e-3;
        if (layer.Count == 0)
            return null;
        var calibrated = Calibrated(calibrator, quantizer, layer);
        var (mine, nearest) = (OutputError(layer, calibrated.Weight), OutputError(layer, quantizer.Quantize(layer.Weight.Tensor())));
        if (!(mine <= nearest * (1 + Tolerance) + 1e-12))
            return $"{mine:G4}, and {nearest:G4} with the quantizer alone";
        return calibrated.OutputError is { } told && !(Math.Abs(told - mine) <= 0.01 * mine + 1e-4) ? $"{mine:G4}, and it says {told:G4}" : null;
    }

    /// <summary>||X (W - Q)^T|| / ||X W^T||; 0 where the output is.</summary>
    private static double OutputError(LayerCase layer, QuantizedTensor quantized)
    {
        using var scope = torch.NewDisposeScope();
        var inputs = torch.tensor(layer.Inputs, [layer.Count, layer.Width]).to(torch.ScalarType.Float64);
        var weight = layer.Weight.Tensor().reshape(-1, layer.Width).to(torch.ScalarType.Float64);
        var values = torch.tensor(Values(quantized), [weight.shape[0], layer.Width]).to(torch.ScalarType.Float64);
        var output = inputs.mm(weight.t()).norm().item<double>();
        return output == 0 ? 0 : inputs.mm((weight - values).t()).norm().item<double>() / output;
    }

    private static CalibratedWeight Calibrated(ICalibrator calibrator, IQuantizer quantizer, LayerCase layer)
    {
        using var calibration = calibrator.Begin(layer.Weight.Tensor(), quantizer);
        foreach (var batch in layer.Batches())
            calibration.Observe(batch);
        return calibration.Quantize();
    }

    private static float[] Values(QuantizedTensor quantized)
    {
        var values = new float[quantized.Count];
        quantized.Dequantize(values);
        return values;
    }
}
