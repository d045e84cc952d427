using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CompressionHost.Kernels;

/// <summary>
/// Weights of 4 bits a code, two a byte, the first in the low half; a row ends on a whole byte and its unused half is ignored. Symmetric codes, -8 to 7, are
/// stored as code + 8: <c>w = scale * code</c>. Asymmetric ones are stored as they are, 0 to 15, with a zero point a group: <c>w = scale * (code - zero)</c>.
/// </summary>
public sealed unsafe class Int4Weights : PackedWeights
{
    /// <summary>The longest group: its largest sum, 15 * 127 a column, still fits 32 bits.</summary>
    public const int MaxGroup = 1_048_576;

    // As the scales: [groups, ScaleStride].
    private readonly byte[]? _zeros;

    private Int4Weights(int rows, int columns, int group, ReadOnlySpan<byte> zeros)
        : base(rows, columns, group, Int4Codes.RowBytes(columns))
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(group, MaxGroup);
        if (zeros.IsEmpty)
            return;
        if (zeros.Length != (long)rows * Groups)
            throw new ArgumentException($"{zeros.Length} zero points for {rows} rows of {Groups} groups.", nameof(zeros));
        if (zeros.ContainsAnyExceptInRange((byte)0, (byte)15))
            throw new ArgumentException("A zero point is not in 0..15.", nameof(zeros));
        _zeros = GC.AllocateArray<byte>(checked(Groups * ScaleStride), pinned: true);
        for (var row = 0; row < rows; row++)
        {
            for (var g = 0; g < Groups; g++)
                _zeros[g * ScaleStride + row] = zeros[row * Groups + g];
        }
    }

    /// <summary>Whether each group has a zero point.</summary>
    public bool IsAsymmetric => _zeros is not null;

    /// <inheritdoc/>
    public override long Bytes => base.Bytes + (_zeros?.Length ?? 0);

    internal override byte* Zeros => _zeros is null ? null : (byte*)Unsafe.AsPointer(ref _zeros[0]);

    /// <summary>Packs symmetric codes.</summary>
    /// <param name="codes">-8 to 7; row-major, rows x columns.</param>
    /// <param name="scales">Row-major, rows x ceil(columns / group).</param>
    /// <param name="rows">Output features.</param>
    /// <param name="columns">Input features.</param>
    /// <param name="group">Columns that share a scale; at most <see cref="MaxGroup"/>.</param>
    /// <exception cref="ArgumentException">A length does not fit, or a code is out of range.</exception>
    public static Int4Weights Create(ReadOnlySpan<sbyte> codes, ReadOnlySpan<Half> scales, int rows, int columns, int group)
    {
        var weights = new Int4Weights(rows, columns, group, []);
        if (codes.ContainsAnyExceptInRange((sbyte)-8, (sbyte)7))
            throw new ArgumentException("A code is not in -8..7.", nameof(codes));
        weights.Pack(MemoryMarshal.AsBytes(codes), Int4Codes.SymmetricZero, scales);
        return weights;
    }

    /// <summary>Packs asymmetric codes.</summary>
    /// <param name="codes">0 to 15; row-major, rows x columns.</param>
    /// <param name="scales">Row-major, rows x ceil(columns / group).</param>
    /// <param name="zeros">Zero points 0 to 15, as many as scales.</param>
    /// <param name="rows">Output features.</param>
    /// <param name="columns">Input features.</param>
    /// <param name="group">Columns that share a scale; at most <see cref="MaxGroup"/>.</param>
    /// <exception cref="ArgumentException">A length does not fit, or a code or zero point is out of range.</exception>
    public static Int4Weights CreateAsymmetric(ReadOnlySpan<byte> codes, ReadOnlySpan<Half> scales, ReadOnlySpan<byte> zeros, int rows, int columns, int group)
    {
        if (zeros.IsEmpty)
            throw new ArgumentException("No zero points.", nameof(zeros));
        var weights = new Int4Weights(rows, columns, group, zeros);
        if (codes.ContainsAnyExceptInRange((byte)0, (byte)15))
            throw new ArgumentException("A code is not in 0..15.", nameof(codes));
        weights.Pack(codes, 0, scales);
        return weights;
    }

    /// <summary>Uses codes where they are.</summary>
    /// <param name="codes">Packed rows that outlive the weights.</param>
    /// <param name="scales">Row-major, rows x ceil(columns / group); copied.</param>
    /// <param name="zeros">Zero points 0 to 15, as many as scales; empty for symmetric codes. Copied.</param>
    /// <param name="rows">Output features.</param>
    /// <param name="columns">Input features.</param>
    /// <param name="group">Columns that share a scale; at most <see cref="MaxGroup"/>.</param>
    /// <exception cref="ArgumentException">A length does not fit, or a zero point is out of range.</exception>
    public static Int4Weights Map(byte* codes, ReadOnlySpan<Half> scales, ReadOnlySpan<byte> zeros, int rows, int columns, int group)
    {
        ArgumentNullException.ThrowIfNull(codes);
        var weights = new Int4Weights(rows, columns, group, zeros);
        weights.SetScales(scales);
        weights.UseCodes(codes);
        return weights;
    }

    private void Pack(ReadOnlySpan<byte> codes, int offset, ReadOnlySpan<Half> scales)
    {
        CheckCount(codes.Length, Rows, Columns);
        SetScales(scales);
        var packed = AllocateCodes();
        for (var row = 0; row < Rows; row++)
            Int4Codes.Pack(codes.Slice(row * Columns, Columns), offset, packed + (long)row * RowBytes);
    }
}
