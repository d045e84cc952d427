namespace CompressionHost.Tensors;

/// <summary>Constants of GGUF, version 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).</summary>
internal static class GgufFormat
{
    /// <summary>"GGUF" as a little-endian integer.</summary>
    public const uint Magic = 0x46554747;

    public const uint Version = 3;

    // Version 2 differs in nothing that a little-endian file shows.
    public const uint OldestVersion = 2;

    public const string AlignmentKey = "general.alignment";
    public const int DefaultAlignment = 32;
    public const int MaxAlignment = 1 << 16;

    // Bounds on what a file may make a reader keep; models have some tens of keys and hundreds of tensors.
    public const int MaxKeys = 1 << 12;
    public const int MaxTensors = 1 << 16;
    public const int MaxKeyBytes = 256;
    public const int MaxNameBytes = 64;
    public const int MaxDimensions = 4;

    /// <summary>Magic, version, number of tensors, number of keys.</summary>
    public const int PrefixBytes = 24;

    /// <summary>Length, one character, type, one byte.</summary>
    public const int MinKeyBytes = 8 + 1 + 4 + 1;

    /// <summary>Length, one character, number of dimensions, type, offset.</summary>
    public const int MinTensorBytes = 8 + 1 + 4 + 4 + 8;

    public static long Align(long offset, int alignment) => (offset + alignment - 1) & -(long)alignment;

    /// <summary>Bytes of a value, or 0 for texts, arrays and types that do not exist.</summary>
    public static int Size(GgufValueType type) => type switch
    {
        GgufValueType.UInt8 or GgufValueType.Int8 or GgufValueType.Boolean => 1,
        GgufValueType.UInt16 or GgufValueType.Int16 => 2,
        GgufValueType.UInt32 or GgufValueType.Int32 or GgufValueType.Float32 => 4,
        GgufValueType.UInt64 or GgufValueType.Int64 or GgufValueType.Float64 => 8,
        _ => 0,
    };
}

/// <summary>Types of metadata values, by their numbers in the format.</summary>
internal enum GgufValueType
{
    UInt8 = 0,
    Int8 = 1,
    UInt16 = 2,
    Int16 = 3,
    UInt32 = 4,
    Int32 = 5,
    Float32 = 6,
    Boolean = 7,
    String = 8,
    Array = 9,
    UInt64 = 10,
    Int64 = 11,
    Float64 = 12,
}
