using System.Runtime.InteropServices;

namespace CompressionHost.Kernels;

/// <summary>
/// A weight of shape [rows, columns] as packed integer codes and float scales: <c>w[r, c] = scale[r, c / group] * code[r, c]</c>.
/// Codes lie in rows, as a native package has them, so that a mapped file is used in place. Not thread-safe to dispose while in use.
/// </summary>
public abstract unsafe class PackedWeights : IDisposable
{
    /// <summary>Scales are padded with zeros to a multiple of this many rows.</summary>
    internal const int RowPadding = 128;

    // Loads of whole vectors may read past the last code of memory that is ours.
    private const int CodePadding = 128;

    private byte* _owned;
    private float* _scales;

    private protected PackedWeights(int rows, int columns, int group, int rowBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(group, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(group, columns);
        (Rows, Columns, Group, RowBytes) = (rows, columns, group, rowBytes);
        Groups = (columns + group - 1) / group;
        ScaleStride = (rows + RowPadding - 1) / RowPadding * RowPadding;
    }

    /// <summary>Frees what an owner forgot to dispose.</summary>
    ~PackedWeights() => Free();

    /// <summary>Output features.</summary>
    public int Rows { get; }

    /// <summary>Input features.</summary>
    public int Columns { get; }

    /// <summary>Consecutive columns of a row that share a scale; the last group of a row may be short.</summary>
    public int Group { get; }

    /// <summary>Groups of a row.</summary>
    public int Groups { get; }

    /// <summary>Bytes of weights in memory, the mapped ones included.</summary>
    public virtual long Bytes => (long)Rows * RowBytes + (long)Groups * ScaleStride * sizeof(float);

    /// <summary>Bytes from one row of codes to the next.</summary>
    internal int RowBytes { get; }

    /// <summary>First code. Bytes past the last row are readable only where <see cref="OwnsCodes"/>.</summary>
    internal byte* Codes { get; private set; }

    /// <summary>Whether the codes are a padded copy rather than somebody's mapping.</summary>
    internal bool OwnsCodes => _owned is not null;

    /// <summary>Scales as [groups, <see cref="ScaleStride"/>]: one group's scales of all rows lie together. 64-byte aligned.</summary>
    internal float* Scales => _scales;

    /// <summary>Floats from one group's scales to the next.</summary>
    internal int ScaleStride { get; }

    /// <summary>Zero points laid as the scales are, one byte each; null where the codes are symmetric.</summary>
    internal virtual byte* Zeros => null;

    /// <summary>Frees the copy; the weights must not be used any more.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private protected static void CheckCount(int codes, int rows, int columns)
    {
        if (codes != (long)rows * columns)
            throw new ArgumentException($"{codes} codes for {rows} rows of {columns}.", nameof(codes));
    }

    private protected byte* AllocateCodes()
    {
        var bytes = (nuint)((long)Rows * RowBytes + CodePadding);
        _owned = (byte*)NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(_owned, bytes);
        return Codes = _owned;
    }

    private protected void UseCodes(byte* mapped) => Codes = mapped;

    /// <param name="scales">Row-major: rows x groups.</param>
    private protected void SetScales(ReadOnlySpan<Half> scales)
    {
        if (scales.Length != (long)Rows * Groups)
            throw new ArgumentException($"{scales.Length} scales for {Rows} rows of {Groups} groups.", nameof(scales));
        var count = (nuint)((long)Groups * ScaleStride);
        _scales = (float*)NativeMemory.AlignedAlloc(count * sizeof(float), 64);
        NativeMemory.Clear(_scales, count * sizeof(float));
        for (var row = 0; row < Rows; row++)
        {
            for (var g = 0; g < Groups; g++)
                _scales[(long)g * ScaleStride + row] = (float)scales[row * Groups + g];
        }
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_owned);
        NativeMemory.AlignedFree(_scales);
        _owned = null;
        _scales = null;
        Codes = null;
    }
}
