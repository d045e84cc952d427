using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Abstractions;

/// <summary>
/// Post-training quantization of one weight at a time: chooses the codes and scales that cost the layer least, where a quantizer alone
/// rounds every value to the nearest level. Named by <c>calibrate:</c> in a rule of <c>quantize:</c>.
/// </summary>
/// <remarks>
/// Laws: the result has the weight's shape and the quantizer's scheme and group size, and is finite; the same weight and inputs give the same
/// result; the weight is not written to; a calibrator that looks at inputs leaves an error at the layer's output, over the inputs it was
/// shown, that is not above the quantizer's own. One instance serves every site of its rule, one site at a time.
/// </remarks>
public interface ICalibrator
{
    /// <summary>Whether it looks at the inputs of a layer. If so, a recipe must name data; if not, it must not.</summary>
    bool NeedsInputs { get; }

    /// <summary>Begins with one weight. Whoever called disposes of what it returns.</summary>
    /// <param name="weight">float32 [rows, ...] as <see cref="IQuantizer"/> reads it. It stays the caller's and does not change until the end.</param>
    /// <param name="quantizer">The quantizer of the rule: scheme, groups and how a scale follows from a group of weights.</param>
    ISiteCalibration Begin(torch.Tensor weight, IQuantizer quantizer);
}

/// <summary>One weight on its way to codes and scales.</summary>
public interface ISiteCalibration : IDisposable
{
    /// <summary>
    /// Shows the layer's inputs, as often as there are batches; keep sums of them, not the inputs. Never called where
    /// <see cref="ICalibrator.NeedsInputs"/> is false, nor for a table whose rows are looked up: what matters there is the error of the weight itself.
    /// </summary>
    /// <param name="inputs">
    /// float32 [count, row length of the weight]: what is multiplied with the weight's rows, for a convolution its patches in the order of the
    /// kernel's values. Up to a positive factor that is the same in every call. Not to be written to or kept.
    /// </param>
    void Observe(torch.Tensor inputs);

    /// <summary>Chooses codes and scales. Called once.</summary>
    /// <exception cref="InvalidInputException">A value is NaN or infinite, or a scale does not fit float16.</exception>
    CalibratedWeight Quantize();
}

/// <summary>What a calibrator made of a weight.</summary>
/// <param name="Weight">Codes and scales.</param>
public sealed record CalibratedWeight(QuantizedTensor Weight)
{
    /// <summary>||X (W - Q)^T|| / ||X W^T|| over the inputs X it was shown; null where it was shown none other than zeros.</summary>
    public double? OutputError { get; init; }

    /// <summary>The same error with the weight quantized by the quantizer alone, for comparison; null where it is not known.</summary>
    public double? NearestOutputError { get; init; }
}

/// <summary>
/// A calibrator that, before anything is quantized, moves a factor a channel from the inputs of layers into their weights. The float model computes
/// the same afterwards: the normalization in front of the layers gives the inputs divided by the factors.
/// </summary>
public interface IInputScaler : ICalibrator
{
    /// <summary>The factors of the layers behind one normalization.</summary>
    /// <param name="greatest">float32 [width]: the greatest magnitude of each channel of their inputs.</param>
    /// <param name="weights">Their weights, float32 [rows, width] each. Not to be written to.</param>
    /// <returns>float32 [width], positive and finite: inputs are divided by it and the columns of the weights multiplied.</returns>
    torch.Tensor Factors(torch.Tensor greatest, IReadOnlyList<torch.Tensor> weights);
}
