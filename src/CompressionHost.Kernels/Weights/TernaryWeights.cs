using CompressionHost.Tensors;

namespace CompressionHost.Kernels;

/// <summary>Ternary weights in 2 bits, as <see cref="PackedTernary"/> lays them: code + 1, four a byte, the first in the lowest bits.</summary>
public sealed unsafe class TernaryWeights : PackedWeights
{
    private TernaryWeights(int rows, int columns, int group)
        : base(rows, columns, group, PackedTernary.RowBytes(columns))
    {
    }

    /// <summary>Copies codes.</summary>
    /// <param name="codes">-1, 0 and 1; row-major, rows x columns.</param>
    /// <param name="scales">Row-major, rows x ceil(columns / group).</param>
    /// <param name="rows">Output features.</param>
    /// <param name="columns">Input features.</param>
    /// <param name="group">Columns that share a scale.</param>
    /// <exception cref="ArgumentException">A length does not fit, or a code is not ternary.</exception>
    public static TernaryWeights Create(ReadOnlySpan<sbyte> codes, ReadOnlySpan<Half> scales, int rows, int columns, int group)
    {
        var weights = new TernaryWeights(rows, columns, group);
        weights.SetScales(scales);
        PackedTernary.Pack(codes, columns, new Span<byte>(weights.AllocateCodes(), checked(rows * weights.RowBytes)));
        return weights;
    }

    /// <summary>Uses codes where they are.</summary>
    /// <param name="codes">Packed rows that outlive the weights and hold no bit pattern 3: see <see cref="PackedTernary.AreCodes"/>.</param>
    /// <param name="scales">Row-major, rows x ceil(columns / group); copied.</param>
    /// <param name="rows">Output features.</param>
    /// <param name="columns">Input features.</param>
    /// <param name="group">Columns that share a scale.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public static TernaryWeights Map(byte* codes, ReadOnlySpan<Half> scales, int rows, int columns, int group)
    {
        ArgumentNullException.ThrowIfNull(codes);
        var weights = new TernaryWeights(rows, columns, group);
        weights.SetScales(scales);
        weights.UseCodes(codes);
        return weights;
    }
}
