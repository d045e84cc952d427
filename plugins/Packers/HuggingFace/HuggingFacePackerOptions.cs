namespace CompressionHost.Plugins.Packers;

/// <summary>Options of <c>use: huggingface</c>.</summary>
public sealed record HuggingFacePackerOptions
{
    /// <summary>How quantized weights are written.</summary>
    public HuggingFaceFormat Format { get; init; } = HuggingFaceFormat.Dequantized;

    /// <summary>
    /// Type of the weights that are written as values. <c>auto</c> is the smallest that holds every weight exactly: float16 where the codes are -1, 0
    /// and 1 (a scale is a float16), float32 where a scheme has larger codes.
    /// </summary>
    public WeightType Type { get; init; } = WeightType.Auto;
}

/// <summary>How quantized weights are written.</summary>
public enum HuggingFaceFormat
{
    /// <summary>As the values they stand for.</summary>
    Dequantized,

    /// <summary>
    /// As packed codes, scales and zero points of the compressed-tensors convention, <c>pack-quantized</c>: of linear layers, in 4 bits (ternary and
    /// binary codes too) or 8. Other quantized weights, such as the token embedding, are written as values.
    /// </summary>
    CompressedTensors,
}

/// <summary>Type of dequantized weights.</summary>
public enum WeightType
{
    /// <summary>The smallest that is exact.</summary>
    Auto,

    /// <summary>float16; rounds schemes with codes beyond -1, 0 and 1.</summary>
    Float16,

    /// <summary>float32; exact for every scheme.</summary>
    Float32,
}
