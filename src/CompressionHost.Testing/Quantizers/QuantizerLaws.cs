using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Testing;

/// <summary>Each law as a method that returns null where it holds and the difference where it does not.</summary>
internal static class QuantizerLaws
{
    internal static IReadOnlyList<(string Law, Func<IQuantizer, WeightCase, string?> Check)> OfEveryWeight { get; } =
    [
        ("Dequantize(Quantize(w)) equals FakeQuantize(w) bit for bit.", TrainedIsShipped),
        ("Encoding a dequantized weight with its own scales gives the same codes.", OwnScalesGiveTheSameCodes),
        ("Shape, group size and scheme are those announced.", AsAnnounced),
        ("Quantizing twice gives the same codes, scales and values.", Repeatable),
        ("The weight is not changed, and the result is a tensor of its own.", InputUntouched),
        ("A transposed weight is quantized by its logical rows.", LogicalRows),
        ("Ramp 0 gives the weight, 1 the quantized weight, and between them w + lambda (Q(w) - w).", RampEnds),
        ("The gradient is finite, has the weight's shape and is the identity at ramp 0.", Gradient),
    ];

    internal static string? RefusedOrLawful(IQuantizer quantizer, WeightCase weight)
    {
        try
        {
            quantizer.Quantize(weight.Tensor());
        }
        catch (Exception e) when (e is InvalidInputException or ArgumentException)
        {
            return null;
        }
        return TrainedIsShipped(quantizer, weight) ?? OwnScalesGiveTheSameCodes(quantizer, weight);
    }

    internal static string? Refused(IQuantizer quantizer, WeightCase weight)
    {
        try
        {
            quantizer.Quantize(weight.Tensor());
            return "was quantized; throw InvalidInputException, so that a diverged training never becomes a package";
        }
        catch (Exception e) when (e is InvalidInputException or ArgumentException)
        {
            return string.IsNullOrWhiteSpace(e.Message) ? "was refused without a message" : null;
        }
    }

    private static string? TrainedIsShipped(IQuantizer quantizer, WeightCase weight)
    {
        var fake = quantizer.FakeQuantize(weight.Tensor());
        return TensorComparison.DifferentShape(weight.Shape, fake.shape)
            ?? TensorComparison.DifferentBits(TensorComparison.Values(fake), Dequantized(quantizer.Quantize(weight.Tensor())));
    }

    // The nearest code by what is stored of a group, which is all that a reader of the package has.
    private static string? OwnScalesGiveTheSameCodes(IQuantizer quantizer, WeightCase weight)
    {
        var q = quantizer.Quantize(weight.Tensor());
        var values = Dequantized(q);
        for (var i = 0; i < values.Length; i++)
        {
            var group = (i / q.RowLength * q.GroupsPerRow) + (i % q.RowLength / q.GroupSize);
            var (scale, zero) = ((float)q.Scales[group], q.ZeroPoints?[group] ?? 0);
            var code = NearestCode(q.Scheme, values[i], scale, zero);
            if (code != q.Codes[i])
                return $"code {i} is {q.Codes[i]} with scale {scale:R} and zero point {zero}, and its value {values[i]:R} encodes to {code}";
        }
        return null;
    }

    // A scale of 0 can only mean 0: the zero point or, where no code means 0, the largest, to which a tie goes too.
    private static double NearestCode(QuantizationScheme scheme, double value, double scale, int zero)
    {
        if (scheme.Step == 1)
            return scale == 0 ? zero : Math.Clamp(Math.Round(value / scale) + zero, scheme.MinCode, scheme.MaxCode);
        return scale == 0 || (value / scale) + zero >= (scheme.MinCode + scheme.MaxCode) / 2.0 ? scheme.MaxCode : scheme.MinCode;
    }

    private static string? AsAnnounced(IQuantizer quantizer, WeightCase weight)
    {
        var q = quantizer.Quantize(weight.Tensor());
        if (q.Scheme != quantizer.Scheme)
            return $"scheme {q.Scheme} instead of {quantizer.Scheme}";
        var groupSize = quantizer.GroupSize(weight.Shape);
        return q.GroupSize == groupSize
            ? TensorComparison.DifferentShape(weight.Shape, q.Shape)
            : $"group size {q.GroupSize} instead of {groupSize}, which GroupSize says";
    }

    private static string? Repeatable(IQuantizer quantizer, WeightCase weight)
    {
        var (first, second) = (quantizer.Quantize(weight.Tensor()), quantizer.Quantize(weight.Tensor()));
        return TensorComparison.Different("code", first.Codes, second.Codes)
            ?? TensorComparison.Different("scale", first.Scales, second.Scales)
            ?? TensorComparison.Different("zero point", first.ZeroPoints ?? [], second.ZeroPoints ?? [])
            ?? TensorComparison.DifferentBits(
                TensorComparison.Values(quantizer.FakeQuantize(weight.Tensor(), 0.5)), TensorComparison.Values(quantizer.FakeQuantize(weight.Tensor(), 0.5)));
    }

    private static string? InputUntouched(IQuantizer quantizer, WeightCase weight)
    {
        var w = weight.Tensor();
        quantizer.Quantize(w);
        foreach (var ramp in new[] { 0, 0.5, 1 })
        {
            var fake = quantizer.FakeQuantize(w, ramp);
            if (TensorComparison.DifferentBits(weight.Values, TensorComparison.Values(w)) is { } changed)
                return $"ramp {ramp}: the weight was changed, {changed}";
            fake.detach().fill_(TorchScalars.Of(123));
            if (TensorComparison.DifferentBits(weight.Values, TensorComparison.Values(w)) is not null)
                return $"ramp {ramp}: the result shares memory with the weight";
        }
        return null;
    }

    private static string? LogicalRows(IQuantizer quantizer, WeightCase weight)
    {
        if (weight.Shape.Length != 2)
            return null;
        var w = weight.Tensor();
        var view = w.t().contiguous().t();
        return TensorComparison.Different("code", quantizer.Quantize(w).Codes, quantizer.Quantize(view).Codes)
            ?? TensorComparison.DifferentBits(TensorComparison.Values(quantizer.FakeQuantize(w)), TensorComparison.Values(quantizer.FakeQuantize(view)));
    }

    private static string? RampEnds(IQuantizer quantizer, WeightCase weight)
    {
        var w = weight.Tensor();
        var q = TensorComparison.Values(quantizer.FakeQuantize(w));
        var difference = TensorComparison.DifferentBits(weight.Values, TensorComparison.Values(quantizer.FakeQuantize(w, 0)))
            ?? TensorComparison.DifferentBits(q, TensorComparison.Values(quantizer.FakeQuantize(w, 1)));
        if (difference is not null)
            return difference;
        const double Lambda = 0.3;
        var between = TensorComparison.Values(quantizer.FakeQuantize(w, Lambda));
        for (var i = 0; i < q.Length; i++)
        {
            var expected = weight.Values[i] + (Lambda * ((double)q[i] - weight.Values[i]));
            var tolerance = 1e-5 * (Math.Abs(weight.Values[i]) + Math.Abs(q[i])) + 1e-44;
            if (!(Math.Abs(between[i] - expected) <= tolerance))
                return $"at ramp {Lambda} value {i} is {between[i]:R} instead of {expected:R}";
        }
        return null;
    }

    private static string? Gradient(IQuantizer quantizer, WeightCase weight)
    {
        foreach (var ramp in new[] { 0, 0.5, 1 })
        {
            var w = weight.Tensor().requires_grad_();
            var slope = torch.tensor([.. Enumerable.Range(1, weight.Values.Length).Select(i => (float)i)]).reshape(weight.Shape);
            (quantizer.FakeQuantize(w, ramp) * slope).sum().backward();
            if (w.grad is not { } gradient)
                return $"ramp {ramp}: no gradient reaches the weight";
            var difference = TensorComparison.DifferentShape(weight.Shape, gradient.shape)
                ?? (ramp == 0 ? TensorComparison.DifferentBits(TensorComparison.Values(slope), TensorComparison.Values(gradient)) : null);
            if (difference is not null)
                return $"ramp {ramp}: {difference}";
            if (!gradient.isfinite().all().item<bool>())
                return $"ramp {ramp}: a gradient is not finite";
            // With learned scales the outermost weights may have none, and alone in their group they are all; the laws of those count the scales in.
            if (quantizer is not ILearnedQuantizer { LearnsScales: true } && weight.Name.StartsWith("normal", StringComparison.Ordinal) && gradient.abs().sum().item<float>() == 0)
                return $"ramp {ramp}: every gradient is 0, so nothing would be learned";
        }
        return null;
    }

    private static float[] Dequantized(QuantizedTensor quantized)
    {
        var values = new float[quantized.Count];
        quantized.Dequantize(values);
        return values;
    }
}
