using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>
/// 8 bits a weight with one scale a row, that is an output channel: s = max|w| / 127 rounded to float16 and Q(w) = s * clamp(round(w / s), -127, 127) (Krishnamoorthi,
/// arXiv 1806.08342, section 2). A row whose scale is 0 in float16 is all zeros.
/// </summary>
/// <param name="options">None.</param>
public sealed class Int8Quantizer(Int8Options options) : GroupQuantizer(new LargestMagnitudeRule(QuantizationScheme.Int8), Row(options))
{
    private static GroupLength Row(Int8Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return GroupLength.Row;
    }
}
