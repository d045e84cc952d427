using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>Rows of a weight as float32, read where they lie in the mapped package, which must outlive this.</summary>
internal abstract unsafe class WeightRows(int rows, int columns)
{
    /// <summary>Layout of codes in two bits; the other layout of codes is a byte each.</summary>
    public const string Packed2 = "packed2";

    public int Rows { get; } = rows;

    public int Columns { get; } = columns;

    /// <summary>The rows of a tensor, however it is stored.</summary>
    public static WeightRows Of(NativePackageFile file, NativeTensorEntry entry)
    {
        if (entry.Scheme is null)
            return new DenseRows(Pointer(file.Dense(entry)), entry.Rows, entry.RowLength);
        var codes = Pointer(file.Codes(entry));
        var scales = Pointer(file.Scales(entry));
        return entry.Layout == Packed2
            ? new TernaryRows(codes, scales, entry.Rows, entry.RowLength, entry.GroupSize)
            : new Int8Rows(codes, scales, entry.Rows, entry.RowLength, entry.GroupSize);
    }

    /// <summary>Where a span of the mapping begins.</summary>
    public static T* Pointer<T>(ReadOnlySpan<T> mapped)
        where T : unmanaged => (T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(mapped));

    /// <summary>One row.</summary>
    /// <param name="row">From 0.</param>
    /// <param name="values">Receives <see cref="Columns"/> values.</param>
    public abstract void Read(int row, Span<float> values);

    private sealed class DenseRows(Half* start, int rows, int columns) : WeightRows(rows, columns)
    {
        public override void Read(int row, Span<float> values) => HalfFloats.Widen(new ReadOnlySpan<Half>(start + (long)row * Columns, Columns), values);
    }

    private abstract class CodedRows(Half* scales, int rows, int columns, int group) : WeightRows(rows, columns)
    {
        private readonly int _groups = (columns + group - 1) / group;

        public override void Read(int row, Span<float> values)
        {
            ReadCodes(row, values);
            for (var g = 0; g < _groups; g++)
            {
                var scale = (float)scales[(long)row * _groups + g];
                foreach (ref var value in values[(g * group)..Math.Min((g + 1) * group, Columns)])
                    value *= scale;
            }
        }

        protected abstract void ReadCodes(int row, Span<float> values);
    }

    private sealed class TernaryRows(byte* codes, Half* scales, int rows, int columns, int group) : CodedRows(scales, rows, columns, group)
    {
        private readonly int _bytes = PackedTernary.RowBytes(columns);

        protected override void ReadCodes(int row, Span<float> values)
        {
            var packed = codes + (long)row * _bytes;
            for (var i = 0; i < values.Length; i++)
                values[i] = ((packed[i >> 2] >> (2 * (i & 3))) & 3) - 1;
        }
    }

    private sealed class Int8Rows(byte* codes, Half* scales, int rows, int columns, int group) : CodedRows(scales, rows, columns, group)
    {
        protected override void ReadCodes(int row, Span<float> values)
        {
            var from = (sbyte*)codes + (long)row * Columns;
            for (var i = 0; i < values.Length; i++)
                values[i] = from[i];
        }
    }
}
