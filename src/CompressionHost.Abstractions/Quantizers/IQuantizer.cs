using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Abstractions;

/// <summary>
/// Quantizes a weight to codes and float16 scales, and imitates that differentiably for training.
/// Laws: <c>Dequantize(Quantize(w))</c> equals <c>FakeQuantize(w)</c> bit for bit in float32, so scales are rounded to float16 before
/// use; quantizing a dequantized weight with its own scales gives the same codes.
/// </summary>
/// <remarks>
/// A weight of shape [d0, d1, ...] is d0 rows of d1*... values; it may be a view whose memory is in another order, and it is never
/// written to. One instance serves every site of its rule, one call at a time.
/// </remarks>
public interface IQuantizer
{
    /// <summary>The alphabet of the codes.</summary>
    QuantizationScheme Scheme { get; }

    /// <summary>Values of one row that share a scale for a weight of that shape.</summary>
    /// <param name="shape">Shape of the weight.</param>
    /// <returns>From 1 to the row length. Groups start anew with each row, so the last of a row may be shorter.</returns>
    int GroupSize(IReadOnlyList<long> shape);

    /// <summary>The weight as it will be after quantization, with gradients (a straight-through estimator or better).</summary>
    /// <param name="weight">float32, on the device training runs on.</param>
    /// <param name="ramp">lambda from 0 (the weight as it is) to 1 (fully quantized): w + lambda (Q(w) - w).</param>
    /// <returns>float32 of the same shape on the same device, with memory of its own even at ramp 0.</returns>
    /// <exception cref="InvalidInputException">A value is NaN or infinite, or a scale does not fit float16.</exception>
    torch.Tensor FakeQuantize(torch.Tensor weight, double ramp = 1);

    /// <summary>Codes and scales of a weight.</summary>
    /// <param name="weight">float32.</param>
    /// <exception cref="InvalidInputException">A value is NaN or infinite, or a scale does not fit float16: a diverged training must not become a package.</exception>
    QuantizedTensor Quantize(torch.Tensor weight);
}
