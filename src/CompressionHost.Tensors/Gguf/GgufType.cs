using System.Diagnostics.CodeAnalysis;

namespace CompressionHost.Tensors;

/// <summary>How a GGUF tensor is stored. The values are ggml's numbers of the types.</summary>
[SuppressMessage("Naming", "CA1707:Identifiers should not contain underscores", Justification = "The names of the format, as recipes write them.")]
public enum GgufType
{
    /// <summary>float32.</summary>
    F32 = 0,

    /// <summary>float16.</summary>
    F16 = 1,

    /// <summary>32 values: a float16 scale and 4-bit codes from -8 to 7; 4.5 bits a value.</summary>
    Q4_0 = 2,

    /// <summary>32 values: a float16 scale and 8-bit codes; 8.5 bits a value.</summary>
    Q8_0 = 8,

    /// <summary>256 ternary values: five a byte and a float16 scale; 1.6875 bits a value.</summary>
    TQ1_0 = 34,

    /// <summary>256 ternary values: four a byte and a float16 scale; 2.0625 bits a value.</summary>
    TQ2_0 = 35,
}

/// <summary>Sizes of the GGUF types.</summary>
public static class GgufTypes
{
    /// <summary>Values of one block; rows are whole blocks.</summary>
    public static int BlockSize(this GgufType type) => Layout(type).Values;

    /// <summary>Bytes of one block.</summary>
    public static int BlockBytes(this GgufType type) => Layout(type).Bytes;

    /// <summary>Bytes of a tensor.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="shape">Its dimensions, the last one contiguous.</param>
    /// <exception cref="ArgumentException">The shape is negative or too large, or its last dimension is not a whole number of blocks.</exception>
    public static long Bytes(this GgufType type, IReadOnlyList<long> shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return TryBytes(type, shape, out var bytes)
            ? bytes
            : throw new ArgumentException($"Shape {TensorShape.Format(shape)} is negative, too large or not made of blocks of {type.BlockSize()}.", nameof(shape));
    }

    /// <summary>Whether it holds codes and scales.</summary>
    public static bool IsQuantized(this GgufType type) => type.BlockSize() > 1;

    /// <summary>Whether its codes are -1, 0 and 1.</summary>
    public static bool IsTernary(this GgufType type) => type is GgufType.TQ1_0 or GgufType.TQ2_0;

    internal static double CodeBits(this GgufType type) => type switch
    {
        GgufType.F32 => 32,
        GgufType.F16 => 16,
        GgufType.Q4_0 => 4,
        GgufType.Q8_0 => 8,
        _ => QuantizationScheme.Ternary.Bits,
    };

    /// <summary>As reports write it: <c>float16</c>, <c>tq2_0</c>.</summary>
    internal static string DisplayName(this GgufType type) => type switch
    {
        GgufType.F32 => ElementType.Float32.DisplayName(),
        GgufType.F16 => ElementType.Float16.DisplayName(),
        GgufType.Q4_0 => "q4_0",
        GgufType.Q8_0 => "q8_0",
        GgufType.TQ1_0 => "tq1_0",
        _ => "tq2_0",
    };

    internal static string Known => string.Join(", ", Enum.GetNames<GgufType>());

    internal static bool TryBytes(GgufType type, IReadOnlyList<long> shape, out long bytes)
    {
        bytes = 0;
        var row = shape.Count == 0 ? 1 : shape[^1];
        if (!TensorShape.TryCount(shape, out var count) || row % type.BlockSize() != 0)
            return false;
        return Math.BigMul(count / type.BlockSize(), type.BlockBytes(), out bytes) == 0 && bytes >= 0;
    }

    private static (int Values, int Bytes) Layout(GgufType type) => type switch
    {
        GgufType.F32 => (1, 4),
        GgufType.F16 => (1, 2),
        GgufType.Q4_0 => (ScaledBlocks.Values, ScaledBlocks.Q4Bytes),
        GgufType.Q8_0 => (ScaledBlocks.Values, ScaledBlocks.Q8Bytes),
        GgufType.TQ1_0 => (TernaryBlocks.Values, TernaryBlocks.Tq1Bytes),
        GgufType.TQ2_0 => (TernaryBlocks.Values, TernaryBlocks.Tq2Bytes),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a type of this library."),
    };
}
