using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>What every quantizer of groups refuses, in the same words.</summary>
internal static class Refusals
{
    /// <exception cref="ArgumentException">The weight is not float32.</exception>
    internal static void CheckWeight(torch.Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        if (weight.dtype != torch.ScalarType.Float32)
            throw new ArgumentException($"The weight is {weight.dtype}; quantize a float32 weight.", nameof(weight));
    }

    /// <exception cref="ArgumentOutOfRangeException">The ramp is not from 0 to 1.</exception>
    internal static void CheckRamp(double ramp)
    {
        if (ramp is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(ramp), ramp, "The ramp is from 0 to 1.");
    }

    /// <summary>What is thrown for a scale that is not finite.</summary>
    /// <param name="layout">The weight's groups.</param>
    /// <param name="scheme">What it cannot be.</param>
    /// <param name="scale">What became too large, in words.</param>
    internal static InvalidInputException NotQuantizable(GroupLayout layout, QuantizationScheme scheme, string scale) => new(
        $"A weight of {layout.Rows} rows of {layout.RowLength} cannot be {scheme.Name}: a value is NaN or infinite, or {scale} of a group exceeds 65504, the "
        + "largest float16. Training has diverged, or the checkpoint is broken or unscaled; lower the learning rate, or keep this weight in float16.");
}
