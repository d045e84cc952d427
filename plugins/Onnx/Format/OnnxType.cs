namespace CompressionHost.Plugins.Onnx;

/// <summary>Element types, with the numbers that ONNX gives them.</summary>
internal enum OnnxType
{
    Float = 1,
    UInt8 = 2,
    Int8 = 3,
    Int32 = 6,
    Int64 = 7,
    Float16 = 10,
    Double = 11,
    BFloat16 = 16,
}

internal static class OnnxTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this OnnxType type) => type switch
    {
        OnnxType.UInt8 or OnnxType.Int8 => 1,
        OnnxType.Float16 or OnnxType.BFloat16 => 2,
        OnnxType.Int64 or OnnxType.Double => 8,
        _ => 4,
    };
}
