using System.Runtime.InteropServices;

namespace CompressionHost.Kernels;

/// <summary>
/// Rows of activations as int8 codes with one scale a row (dynamic, symmetric, absmax): <c>x[t, c] = scale[t] * code[t, c]</c>, codes in [-127, 127].
/// Rows are padded with zeros to <see cref="Stride"/>.
/// </summary>
public sealed unsafe class QuantizedActivations : IDisposable
{
    /// <summary>Rows are padded to a multiple of this, and 256 zeros follow the last row, so that a kernel may read a whole group.</summary>
    internal const int ColumnPadding = 64;

    private sbyte* _codes;
    private float* _scales;

    /// <summary>Room for some rows.</summary>
    /// <param name="capacity">Rows, at least 1.</param>
    /// <param name="columns">Values of a row, at least 1.</param>
    public QuantizedActivations(int capacity, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        (Capacity, Columns) = (capacity, columns);
        Stride = (columns + ColumnPadding - 1) / ColumnPadding * ColumnPadding;
        var bytes = (nuint)((long)capacity * Stride + 256);
        _codes = (sbyte*)NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(_codes, bytes);
        _scales = (float*)NativeMemory.AlignedAlloc((nuint)capacity * sizeof(float), 64);
    }

    /// <summary>Frees what an owner forgot to dispose.</summary>
    ~QuantizedActivations() => Free();

    /// <summary>Rows there is room for.</summary>
    public int Capacity { get; }

    /// <summary>Values of a row.</summary>
    public int Columns { get; }

    /// <summary>Bytes from one row to the next.</summary>
    public int Stride { get; }

    internal sbyte* Codes => _codes;

    internal float* Scales => _scales;

    /// <summary>Codes of a row.</summary>
    public ReadOnlySpan<sbyte> Row(int row) => new(_codes + (long)Check(row) * Stride, Columns);

    /// <summary>Scale of a row.</summary>
    public float Scale(int row) => _scales[Check(row)];

    /// <summary>Quantizes one row.</summary>
    /// <param name="row">Which, below <see cref="Capacity"/>.</param>
    /// <param name="values"><see cref="Columns"/> finite values.</param>
    public void Quantize(int row, ReadOnlySpan<float> values)
    {
        if (values.Length != Columns)
            throw new ArgumentException($"{values.Length} values for rows of {Columns}.", nameof(values));
        fixed (float* p = values)
            _scales[Check(row)] = ActivationQuantizer.Quantize(p, Columns, _codes + (long)row * Stride);
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private int Check(int row)
    {
        ObjectDisposedException.ThrowIf(_codes is null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Capacity);
        return row;
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_codes);
        NativeMemory.AlignedFree(_scales);
        _codes = null;
        _scales = null;
    }
}
