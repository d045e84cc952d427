namespace CompressionHost.Kernels;

/// <summary>Weights of one signed byte a code, as a native package stores <c>int8</c>. One scale a row where the group is the whole row.</summary>
public sealed unsafe class Int8Weights : PackedWeights
{
    /// <summary>The longest group: its largest sum, 128 * 127 a column, still fits 32 bits.</summary>
    public const int MaxGroup = 131_072;

    private Int8Weights(int rows, int columns, int group)
        : base(rows, columns, group, columns) => ArgumentOutOfRangeException.ThrowIfGreaterThan(group, MaxGroup);

    /// <summary>Copies codes.</summary>
    /// <param name="codes">-128 to 127; row-major, rows x columns.</param>
    /// <param name="scales">Row-major, rows x ceil(columns / group).</param>
    /// <param name="rows">Output features.</param>
    /// <param name="columns">Input features.</param>
    /// <param name="group">Columns that share a scale; at most <see cref="MaxGroup"/>.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public static Int8Weights Create(ReadOnlySpan<sbyte> codes, ReadOnlySpan<Half> scales, int rows, int columns, int group)
    {
        var weights = new Int8Weights(rows, columns, group);
        CheckCount(codes.Length, rows, columns);
        weights.SetScales(scales);
        codes.CopyTo(new Span<sbyte>(weights.AllocateCodes(), codes.Length));
        return weights;
    }

    /// <summary>Uses codes where they are.</summary>
    /// <param name="codes">Rows x columns signed bytes that outlive the weights.</param>
    /// <param name="scales">Row-major, rows x ceil(columns / group); copied.</param>
    /// <param name="rows">Output features.</param>
    /// <param name="columns">Input features.</param>
    /// <param name="group">Columns that share a scale; at most <see cref="MaxGroup"/>.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public static Int8Weights Map(byte* codes, ReadOnlySpan<Half> scales, int rows, int columns, int group)
    {
        ArgumentNullException.ThrowIfNull(codes);
        var weights = new Int8Weights(rows, columns, group);
        weights.SetScales(scales);
        weights.UseCodes(codes);
        return weights;
    }
}
