using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Engine.Tests;

/// <summary>The least that learns a scale a row and adds a bias: Q(w) = s sign(w), and a bias of b times the sum of a row.</summary>
internal sealed class FakeLearnedQuantizer(double bias) : ILearnedQuantizer, IOutputBiasQuantizer
{
    public QuantizationScheme Scheme => QuantizationScheme.Ternary;

    public bool AddsOutputBias => bias > 0;

    public int GroupSize(IReadOnlyList<long> shape) => (int)(shape.Aggregate(1L, (a, d) => a * d) / shape[0]);

    public torch.Tensor InitialScales(torch.Tensor weight) => Rows(weight).abs().mean([1]);

    public torch.Tensor FakeQuantize(torch.Tensor weight, double ramp = 1) => FakeQuantize(weight, InitialScales(weight.detach()), ramp);

    public torch.Tensor FakeQuantize(torch.Tensor weight, torch.Tensor scales, double ramp)
    {
        var rounded = scales.to(torch.ScalarType.Float16).to(torch.ScalarType.Float32);
        var quantized = (Rows(weight).detach().sign() * rounded.unsqueeze(1)).reshape(weight.shape);
        return quantized + weight - weight.detach();
    }

    public QuantizedTensor Quantize(torch.Tensor weight) => Quantize(weight, InitialScales(weight));

    public QuantizedTensor Quantize(torch.Tensor weight, torch.Tensor scales) => new(
        Scheme, weight.shape, GroupSize(weight.shape),
        [.. weight.contiguous().data<float>().ToArray().Select(w => (sbyte)MathF.Sign(w))],
        [.. scales.data<float>().ToArray().Select(s => (Half)s)]);

    public torch.Tensor OutputBias(torch.Tensor weight, torch.Tensor? scales, double ramp = 1) =>
        Rows(weight).sum(1).mul(TorchScalars.Of(bias * ramp));

    private static torch.Tensor Rows(torch.Tensor weight) => weight.reshape(weight.shape[0], -1);
}
