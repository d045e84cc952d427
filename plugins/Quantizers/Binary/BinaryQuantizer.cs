using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>
/// Binary quantization with one scale a group: s = mean|w| rounded to float16, Q(w) = s where w is 0 or more, -0 included, and -s elsewhere (Rastegari et al.,
/// XNOR-Net, arXiv 1603.05279, section 3.1). A group whose scale is 0 in float16 has codes of 1.
/// </summary>
/// <param name="options">Group.</param>
public sealed class BinaryQuantizer(BinaryOptions options)
    : GroupQuantizer(new MeanMagnitudeRule(QuantizationScheme.Binary), (options ?? throw new ArgumentNullException(nameof(options))).Group);
