using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Tests;

/// <summary>The plainest quantizer of a scheme: absolute or relative maxima, or one scale for everything.</summary>
internal sealed class GridQuantizer(QuantizationScheme scheme, int group, float? fixedScale = null) : IQuantizer
{
    public static IReadOnlyList<GridQuantizer> Every { get; } =
    [
        new(QuantizationScheme.Ternary, 32), new(QuantizationScheme.Binary, 32), new(QuantizationScheme.Int4, 16),
        new(QuantizationScheme.Int4Asymmetric, 32), new(QuantizationScheme.Int8, int.MaxValue),
    ];

    public QuantizationScheme Scheme => scheme;

    public int GroupSize(IReadOnlyList<long> shape) => (int)Math.Min(group, shape.Skip(1).Aggregate(1L, (a, d) => a * d));

    public torch.Tensor FakeQuantize(torch.Tensor weight, double ramp = 1) => throw new NotSupportedException();

    public QuantizedTensor Quantize(torch.Tensor weight)
    {
        var values = weight.detach().contiguous().data<float>().ToArray();
        if (!Array.TrueForAll(values, float.IsFinite))
            throw new InvalidInputException("not finite");
        var (rows, size) = ((int)weight.shape[0], GroupSize(weight.shape));
        var length = values.Length / rows;
        var scales = new List<Half>();
        var zeros = new List<sbyte>();
        for (var row = 0; row < rows; row++)
        {
            for (var start = 0; start < length; start += size)
            {
                var part = values.AsSpan((row * length) + start, Math.Min(size, length - start)).ToArray();
                var (low, high) = (Math.Min(0, part.Min()), Math.Max(0, part.Max()));
                var scale = (Half)(fixedScale ?? (scheme.HasZeroPoints ? (high - low) / 15 : Math.Max(-low, high) / scheme.MaxCode));
                scales.Add(scale);
                zeros.Add((sbyte)(scale == Half.Zero ? 0 : Math.Clamp(MathF.Round(-low / (float)scale), 0, 15)));
            }
        }
        return CodeRounding.Nearest(scheme, weight.shape, size, values, [.. scales], scheme.HasZeroPoints ? [.. zeros] : null);
    }
}
