using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>
/// 4 bits a weight with one scale a group, rounded to float16: symmetric, s = max|w| / 7 and Q(w) = s * clamp(round(w / s), -8, 7), where -8 is reached only
/// under a scale that is subnormal in float16; or asymmetric, s = (max - min) / 15, z = round(-min / s) and Q(w) = s * (clamp(round(w / s) + z, 0, 15) - z) (Jacob et
/// al., arXiv 1712.05877; groups as in Frantar et al., GPTQ, arXiv 2210.17323). A group whose scale is 0 in float16 is all zeros.
/// </summary>
/// <param name="options">Group and symmetry.</param>
public sealed class Int4Quantizer(Int4Options options) : GroupQuantizer(
    (options ?? throw new ArgumentNullException(nameof(options))).Symmetric ? new LargestMagnitudeRule(QuantizationScheme.Int4) : new RangeRule(QuantizationScheme.Int4Asymmetric),
    options.Group);
