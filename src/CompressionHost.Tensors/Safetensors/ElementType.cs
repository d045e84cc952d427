namespace CompressionHost.Tensors;

/// <summary>Type of a tensor's values in a safetensors file.</summary>
public enum ElementType
{
    /// <summary>IEEE 754 binary64, <c>F64</c>.</summary>
    Float64,

    /// <summary>IEEE 754 binary32, <c>F32</c>.</summary>
    Float32,

    /// <summary>IEEE 754 binary16, <c>F16</c>.</summary>
    Float16,

    /// <summary>The upper half of a binary32, <c>BF16</c>.</summary>
    BFloat16,

    /// <summary>Signed 64-bit integer, <c>I64</c>.</summary>
    Int64,

    /// <summary>Signed 32-bit integer, <c>I32</c>.</summary>
    Int32,

    /// <summary>Signed 16-bit integer, <c>I16</c>.</summary>
    Int16,

    /// <summary>Signed 8-bit integer, <c>I8</c>.</summary>
    Int8,

    /// <summary>Unsigned 8-bit integer, <c>U8</c>.</summary>
    UInt8,

    /// <summary>One byte, 0 or 1, <c>BOOL</c>.</summary>
    Bool,

    /// <summary>8-bit float, 4 exponent and 3 mantissa bits, <c>F8_E4M3</c>.</summary>
    Float8E4M3,

    /// <summary>8-bit float, 5 exponent and 2 mantissa bits, <c>F8_E5M2</c>.</summary>
    Float8E5M2,
}

/// <summary>Sizes and names of element types.</summary>
public static class ElementTypes
{
    // In the order of the enum.
    private static readonly string[] Names = ["F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2"];
    private static readonly string[] Words =
        ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool", "float8_e4m3", "float8_e5m2"];

    /// <summary>Bytes of one value.</summary>
    public static int Size(this ElementType type) => type switch
    {
        ElementType.Float64 or ElementType.Int64 => 8,
        ElementType.Float32 or ElementType.Int32 => 4,
        ElementType.Float16 or ElementType.BFloat16 or ElementType.Int16 => 2,
        ElementType.Int8 or ElementType.UInt8 or ElementType.Bool or ElementType.Float8E4M3 or ElementType.Float8E5M2 => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not an element type."),
    };

    /// <summary>Whether the values are floating-point numbers, that is weights.</summary>
    public static bool IsFloat(this ElementType type) => type is
        ElementType.Float64 or ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16 or ElementType.Float8E4M3 or ElementType.Float8E5M2;

    /// <summary>Name in a safetensors header, such as <c>BF16</c>.</summary>
    public static string SafetensorsName(this ElementType type) => Names[(int)type];

    /// <summary>Name in reports, such as <c>bfloat16</c>; what PyTorch calls it.</summary>
    public static string DisplayName(this ElementType type) => Words[(int)type];

    /// <summary>The type of a safetensors name; false where there is none.</summary>
    public static bool TryParse(string? safetensorsName, out ElementType type)
    {
        var index = Array.IndexOf(Names, safetensorsName);
        type = (ElementType)Math.Max(index, 0);
        return index >= 0;
    }

    /// <summary>Names a reader understands, for messages.</summary>
    internal static string Known => string.Join(", ", Names);
}
