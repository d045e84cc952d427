using CompressionHost.Abstractions;
using CompressionHost.Plugins.Quantizers;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Tests;

/// <summary>The ternary quantizer with one mistake, made by replacing either of its methods.</summary>
internal sealed class BrokenQuantizer(
    Func<torch.Tensor, double, torch.Tensor>? fake = null, Func<torch.Tensor, QuantizedTensor>? quantize = null, int? groupSize = null) : IQuantizer
{
    internal static readonly TernaryQuantizer Right = new(new TernaryOptions());

    public QuantizationScheme Scheme => Right.Scheme;

    public int GroupSize(IReadOnlyList<long> shape) => groupSize ?? Right.GroupSize(shape);

    public torch.Tensor FakeQuantize(torch.Tensor weight, double ramp = 1) => fake is null ? Right.FakeQuantize(weight, ramp) : fake(weight, ramp);

    public QuantizedTensor Quantize(torch.Tensor weight) => quantize is null ? Right.Quantize(weight) : quantize(weight);

    internal static QuantizedTensor With(QuantizedTensor q, Func<sbyte, sbyte>? code = null, Func<Half, Half>? scale = null) =>
        new(q.Scheme, q.Shape, q.GroupSize, Array.ConvertAll(q.Codes, c => code is null ? c : code(c)), Array.ConvertAll(q.Scales, s => scale is null ? s : scale(s)));
}
