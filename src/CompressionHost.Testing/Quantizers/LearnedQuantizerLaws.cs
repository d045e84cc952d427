using CompressionHost.Abstractions;
using TorchSharp;

namespace CompressionHost.Testing;

/// <summary>The laws of quantizers that learn their scales or add a bias, each as a method that returns null where it holds.</summary>
internal static class LearnedQuantizerLaws
{
    // What an optimizer may make of initial scales, the last two by mistake.
    private static readonly float[] Changes = [1, 1.7f, 0.2f, 0, -1];

    internal static IReadOnlyList<(string Law, Func<ILearnedQuantizer, WeightCase, string?> Check)> OfLearnedScales { get; } =
    [
        ("The initial scales give what the methods without scales give.", InitialScalesAreTheDefault),
        ("With learned scales too, Dequantize(Quantize(w, s)) equals FakeQuantize(w, s) bit for bit.", TrainedIsShipped),
        ("Ramp 0 gives the weight whatever the scales are.", RampZero),
        ("Gradients of weight and scales are finite and have their shapes.", Gradients),
    ];

    internal static string? OutputBias(IOutputBiasQuantizer quantizer, WeightCase weight)
    {
        var w = weight.Tensor();
        var scales = quantizer is ILearnedQuantizer { LearnsScales: true } learned ? learned.InitialScales(w) : null;
        if (quantizer.OutputBias(w, scales, 0).abs().sum().item<float>() != 0)
            return "at ramp 0 the bias is not 0";
        var trained = w.clone().requires_grad_();
        var bias = quantizer.OutputBias(trained, scales);
        if (TensorComparison.DifferentShape([weight.Shape[0]], bias.shape) is { } shape)
            return shape;
        if (!bias.isfinite().all().item<bool>())
            return "a bias is not finite";
        bias.sum().backward();
        return trained.grad is not { } gradient ? "no gradient reaches the weight"
            : gradient.isfinite().all().item<bool>() ? TensorComparison.DifferentShape(weight.Shape, gradient.shape)
            : "a gradient is not finite";
    }

    private static string? InitialScalesAreTheDefault(ILearnedQuantizer quantizer, WeightCase weight)
    {
        var w = weight.Tensor();
        var scales = quantizer.InitialScales(w);
        if (scales.dtype != torch.ScalarType.Float32 || !scales.isfinite().all().item<bool>())
            return "the initial scales are not finite float32 values";
        var (with, without) = (quantizer.Quantize(w, scales), quantizer.Quantize(w));
        return TensorComparison.DifferentShape([without.Scales.Length], scales.shape)
            ?? TensorComparison.Different("code", with.Codes, without.Codes)
            ?? TensorComparison.Different("scale", with.Scales, without.Scales)
            ?? TensorComparison.DifferentBits(TensorComparison.Values(quantizer.FakeQuantize(w, 0.5)), TensorComparison.Values(quantizer.FakeQuantize(w, scales, 0.5)));
    }

    private static string? TrainedIsShipped(ILearnedQuantizer quantizer, WeightCase weight)
    {
        var w = weight.Tensor();
        var initial = quantizer.InitialScales(w);
        foreach (var change in Changes)
        {
            var scales = initial.mul(TorchScalars.Of(change));
            var quantized = quantizer.Quantize(w, scales);
            var values = new float[quantized.Count];
            quantized.Dequantize(values);
            if (TensorComparison.DifferentBits(TensorComparison.Values(quantizer.FakeQuantize(w, scales, 1)), values) is { } difference)
                return $"initial scales times {change}: {difference}";
        }
        return null;
    }

    private static string? RampZero(ILearnedQuantizer quantizer, WeightCase weight)
    {
        var w = weight.Tensor();
        var scales = quantizer.InitialScales(w).mul(TorchScalars.Of(3));
        return TensorComparison.DifferentBits(weight.Values, TensorComparison.Values(quantizer.FakeQuantize(w, scales, 0)));
    }

    private static string? Gradients(ILearnedQuantizer quantizer, WeightCase weight)
    {
        foreach (var change in Changes)
        {
            var w = weight.Tensor().requires_grad_();
            var scales = quantizer.InitialScales(w.detach()).mul(TorchScalars.Of(change)).requires_grad_();
            quantizer.FakeQuantize(w, scales, 0.7).sum().backward();
            if (w.grad is not { } ofWeight || scales.grad is not { } ofScales)
                return "no gradient reaches the weight or the scales";
            if ((TensorComparison.DifferentShape(weight.Shape, ofWeight.shape) ?? TensorComparison.DifferentShape(scales.shape, ofScales.shape)) is { } shape)
                return shape;
            if (!ofWeight.isfinite().all().item<bool>() || !ofScales.isfinite().all().item<bool>())
                return $"initial scales times {change}: a gradient is not finite";
            if (weight.Name.StartsWith("normal", StringComparison.Ordinal) && ofWeight.abs().sum().add(ofScales.abs().sum(), TorchScalars.One).item<float>() == 0)
                return $"initial scales times {change}: every gradient is 0, so nothing would be learned";
        }
        return null;
    }
}
