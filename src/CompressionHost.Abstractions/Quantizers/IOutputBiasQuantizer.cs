using TorchSharp;

namespace CompressionHost.Abstractions;

/// <summary>
/// A quantizer that gives back part of what it takes from a weight as a bias on the layer's outputs. While training the engine adds it to
/// the layer's bias in every forward pass, with gradients to the weight; when the weight is quantized it is folded into that bias, so
/// packages hold an ordinary bias. A rule that gives it a weight whose layer has no bias is refused.
/// </summary>
public interface IOutputBiasQuantizer : IQuantizer
{
    /// <summary>Whether there is such a bias: a quantizer may leave that to its options. What does not change for the life of the quantizer.</summary>
    bool AddsOutputBias => true;

    /// <summary>The bias, with gradients to the weight.</summary>
    /// <param name="weight">float32, rows first.</param>
    /// <param name="scales">The learned scales of an <see cref="ILearnedQuantizer"/>; null where none are learned.</param>
    /// <param name="ramp">lambda from 0 (no bias) to 1 (all of it).</param>
    /// <returns>float32 [rows], on the weight's device.</returns>
    torch.Tensor OutputBias(torch.Tensor weight, torch.Tensor? scales, double ramp = 1);
}
