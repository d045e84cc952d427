namespace CompressionHost.Plugins.Packers;

/// <summary>Options of <c>use: huggingface</c>.</summary>
public sealed record HuggingFacePackerOptions
{
    /// <summary>
    /// Type of the dequantized weights. <c>auto</c> is the smallest that holds every weight exactly: float16 where the codes are -1, 0
    /// and 1 (a scale is a float16), float32 where a scheme has larger codes.
    /// </summary>
    public WeightType Type { get; init; } = WeightType.Auto;
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
