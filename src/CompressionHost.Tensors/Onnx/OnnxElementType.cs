namespace CompressionHost.Tensors;

/// <summary>Types of a tensor's elements, with the numbers that ONNX gives them. Those of texts and of complex numbers are not here.</summary>
public enum OnnxElementType
{
    /// <summary>32-bit floating point.</summary>
    Float = 1,

    /// <summary>8 bits, unsigned.</summary>
    UInt8 = 2,

    /// <summary>8 bits, signed.</summary>
    Int8 = 3,

    /// <summary>16 bits, unsigned.</summary>
    UInt16 = 4,

    /// <summary>16 bits, signed.</summary>
    Int16 = 5,

    /// <summary>32 bits, signed.</summary>
    Int32 = 6,

    /// <summary>64 bits, signed.</summary>
    Int64 = 7,

    /// <summary>True or false, one byte.</summary>
    Bool = 9,

    /// <summary>16-bit floating point.</summary>
    Float16 = 10,

    /// <summary>64-bit floating point.</summary>
    Double = 11,

    /// <summary>32 bits, unsigned.</summary>
    UInt32 = 12,

    /// <summary>64 bits, unsigned.</summary>
    UInt64 = 13,

    /// <summary>bfloat16.</summary>
    BFloat16 = 16,
}

/// <summary>Facts about element types.</summary>
public static class OnnxElementTypes
{
    /// <summary>Bytes of one element; 0 for a type that is not in <see cref="OnnxElementType"/>.</summary>
    public static int Size(this OnnxElementType type) => type switch
    {
        OnnxElementType.UInt8 or OnnxElementType.Int8 or OnnxElementType.Bool => 1,
        OnnxElementType.UInt16 or OnnxElementType.Int16 or OnnxElementType.Float16 or OnnxElementType.BFloat16 => 2,
        OnnxElementType.Float or OnnxElementType.Int32 or OnnxElementType.UInt32 => 4,
        OnnxElementType.Int64 or OnnxElementType.UInt64 or OnnxElementType.Double => 8,
        _ => 0,
    };

    /// <summary>Whether a weight may be of that type.</summary>
    public static bool IsFloat(this OnnxElementType type) =>
        type is OnnxElementType.Float or OnnxElementType.Float16 or OnnxElementType.BFloat16 or OnnxElementType.Double;
}
