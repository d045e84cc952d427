using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Abstractions;

/// <summary>
/// A quantizer whose scales may be parameters that training learns beside the weights. Laws beyond those of <see cref="IQuantizer"/>:
/// <c>Dequantize(Quantize(w, s))</c> equals <c>FakeQuantize(w, s)</c> bit for bit in float32 for every finite s, and with
/// <see cref="InitialScales"/> both are what the methods without scales give.
/// </summary>
/// <remarks>
/// The engine makes one parameter of a site's initial scales, trains it under the name of the site followed by <c>.scales</c>, keeps it in
/// checkpoints and quantizes the final weight with it. Without training the initial scales are used. As a vector it has no weight decay.
/// </remarks>
public interface ILearnedQuantizer : IQuantizer
{
    /// <summary>Whether the scales are learned: a quantizer may leave that to its options. What does not change for the life of the quantizer.</summary>
    bool LearnsScales => true;

    /// <summary>What training starts from.</summary>
    /// <param name="weight">float32.</param>
    /// <returns>float32 [groups], row-major as <see cref="QuantizedTensor.Scales"/>, finite, with memory of its own on the weight's device.</returns>
    /// <exception cref="InvalidInputException">A value is NaN or infinite, or a scale does not fit float16.</exception>
    torch.Tensor InitialScales(torch.Tensor weight);

    /// <summary>The weight as it will be after quantization with those scales, with gradients to the weight and to the scales.</summary>
    /// <param name="weight">float32, on the device training runs on.</param>
    /// <param name="scales">float32 [groups]. An optimizer may have made them zero or negative; that is no error.</param>
    /// <param name="ramp">
    /// lambda from 0 (the weight as it is) to 1 (fully quantized): w + lambda (Q(w) - w). Without a default, because a number becomes a tensor by itself
    /// and <c>FakeQuantize(weight, 0.5)</c> would mean this method.
    /// </param>
    /// <returns>float32 of the weight's shape on the same device, with memory of its own even at ramp 0.</returns>
    /// <exception cref="InvalidInputException">A value or scale is NaN or infinite, or a scale does not fit float16.</exception>
    torch.Tensor FakeQuantize(torch.Tensor weight, torch.Tensor scales, double ramp);

    /// <summary>Codes and scales of a weight with learned scales.</summary>
    /// <param name="weight">float32.</param>
    /// <param name="scales">float32 [groups].</param>
    /// <exception cref="InvalidInputException">A value or scale is NaN or infinite, or a scale does not fit float16.</exception>
    QuantizedTensor Quantize(torch.Tensor weight, torch.Tensor scales);
}
