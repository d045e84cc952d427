namespace CompressionHost.Kernels;

/// <summary>
/// Weights of 1 bit a code, -1 (bit 0) or +1 (bit 1); eight a byte, the first in the lowest bit. A row ends on a whole byte and its unused bits are ignored.
/// </summary>
public sealed unsafe class BinaryWeights : PackedWeights
{
    private BinaryWeights(int rows, int columns, int group)
        : base(rows, columns, group, BinaryCodes.RowBytes(columns))
    {
    }

    /// <summary>Packs codes.</summary>
    /// <param name="codes">-1 and 1; row-major, rows x columns.</param>
    /// <param name="scales">Row-major, rows x ceil(columns / group).</param>
    /// <param name="rows">Output features.</param>
    /// <param name="columns">Input features.</param>
    /// <param name="group">Columns that share a scale.</param>
    /// <exception cref="ArgumentException">A length does not fit, or a code is not -1 or 1.</exception>
    public static BinaryWeights Create(ReadOnlySpan<sbyte> codes, ReadOnlySpan<Half> scales, int rows, int columns, int group)
    {
        var weights = new BinaryWeights(rows, columns, group);
        CheckCount(codes.Length, rows, columns);
        if (codes.ContainsAnyExcept((sbyte)-1, (sbyte)1))
            throw new ArgumentException("A code is not -1 or 1.", nameof(codes));
        weights.SetScales(scales);
        var packed = weights.AllocateCodes();
        for (var row = 0; row < rows; row++)
            BinaryCodes.Pack(codes.Slice(row * columns, columns), packed + (long)row * weights.RowBytes);
        return weights;
    }

    /// <summary>Uses codes where they are.</summary>
    /// <param name="codes">Packed rows that outlive the weights.</param>
    /// <param name="scales">Row-major, rows x ceil(columns / group); copied.</param>
    /// <param name="rows">Output features.</param>
    /// <param name="columns">Input features.</param>
    /// <param name="group">Columns that share a scale.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public static BinaryWeights Map(byte* codes, ReadOnlySpan<Half> scales, int rows, int columns, int group)
    {
        ArgumentNullException.ThrowIfNull(codes);
        var weights = new BinaryWeights(rows, columns, group);
        weights.SetScales(scales);
        weights.UseCodes(codes);
        return weights;
    }
}
