using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Abstractions;

/// <summary>
/// Quantizes a weight to codes and float16 scales, and imitates that differentiably for training.
/// Laws: <c>Dequantize(Quantize(w))</c> equals <c>FakeQuantize(w)</c> bit for bit in float32, so scales are rounded to float16 before
/// use; quantizing a dequantized weight with its own scales gives the same codes.
/// </summary>
public interface IQuantizer
{
    /// <summary>The alphabet of the codes.</summary>
    QuantizationScheme Scheme { get; }

    /// <summary>Values of one row that share a scale for a weight of that shape.</summary>
    /// <param name="shape">Shape of the weight; the first dimension counts rows.</param>
    int GroupSize(IReadOnlyList<long> shape);

    /// <summary>The weight as it will be after quantization, with gradients (a straight-through estimator or better).</summary>
    /// <param name="weight">float32, rows first.</param>
    /// <param name="ramp">lambda from 0 (the weight as it is) to 1 (fully quantized): w + lambda (Q(w) - w).</param>
    /// <returns>float32 of the same shape, a new tensor.</returns>
    torch.Tensor FakeQuantize(torch.Tensor weight, double ramp = 1);

    /// <summary>Codes and scales of a weight.</summary>
    /// <param name="weight">float32, rows first; finite.</param>
    QuantizedTensor Quantize(torch.Tensor weight);
}
