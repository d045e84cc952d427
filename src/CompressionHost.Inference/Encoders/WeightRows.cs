using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>Rows of a weight as float32, read where they lie in the mapped package, which must outlive this.</summary>
internal abstract unsafe class WeightRows(int rows, int columns)
{
    public int Rows { get; } = rows;

    public int Columns { get; } = columns;

    /// <summary>The rows of a tensor, however it is stored.</summary>
    public static WeightRows Of(NativePackageFile file, NativeTensorEntry entry)
    {
        if (entry.Scheme is null)
            return new DenseRows(Pointer(file.Dense(entry)), entry.Rows, entry.RowLength);
        var codes = Pointer(file.Codes(entry));
        var groups = new GroupValues(Pointer(file.Scales(entry)), Pointer(file.ZeroPoints(entry)), entry);
        return entry.Layout switch
        {
            CodeLayouts.Packed1 => new BinaryRows(codes, groups, entry),
            CodeLayouts.Packed2 => new TernaryRows(codes, groups, entry),
            CodeLayouts.Packed4 => new Int4Rows(codes, groups, entry),
            _ => new Int8Rows(codes, groups, entry),
        };
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

    /// <summary>What the groups of a tensor have; zero points only where its scheme has them.</summary>
    private sealed class GroupValues(Half* scales, sbyte* zeroPoints, NativeTensorEntry entry)
    {
        private readonly (int Size, int Count) _groups = (entry.GroupSize, entry.GroupsPerRow);
        private readonly sbyte* _zeroPoints = entry.Scheme!.HasZeroPoints ? zeroPoints : null;

        /// <summary>From the codes of a row to its values.</summary>
        public void Apply(int row, Span<float> values)
        {
            for (var g = 0; g < _groups.Count; g++)
            {
                var at = (long)row * _groups.Count + g;
                var (scale, zero) = ((float)scales[at], _zeroPoints is null ? 0f : _zeroPoints[at]);
                foreach (ref var value in values[(g * _groups.Size)..(int)Math.Min((g + 1L) * _groups.Size, values.Length)])
                    value = (value - zero) * scale;
            }
        }
    }

    private abstract class CodedRows(GroupValues groups, NativeTensorEntry entry) : WeightRows(entry.Rows, entry.RowLength)
    {
        public override void Read(int row, Span<float> values)
        {
            ReadCodes(row, values[..Columns]);
            groups.Apply(row, values[..Columns]);
        }

        protected abstract void ReadCodes(int row, Span<float> values);
    }

    private sealed class BinaryRows(byte* codes, GroupValues groups, NativeTensorEntry entry) : CodedRows(groups, entry)
    {
        private readonly int _bytes = PackedBinary.RowBytes(entry.RowLength);

        protected override void ReadCodes(int row, Span<float> values)
        {
            var packed = codes + (long)row * _bytes;
            for (var i = 0; i < values.Length; i++)
                values[i] = (((packed[i >> 3] >> (i & 7)) & 1) << 1) - 1;
        }
    }

    private sealed class TernaryRows(byte* codes, GroupValues groups, NativeTensorEntry entry) : CodedRows(groups, entry)
    {
        private readonly int _bytes = PackedTernary.RowBytes(entry.RowLength);

        protected override void ReadCodes(int row, Span<float> values)
        {
            var packed = codes + (long)row * _bytes;
            for (var i = 0; i < values.Length; i++)
                values[i] = ((packed[i >> 2] >> (2 * (i & 3))) & 3) - 1;
        }
    }

    private sealed class Int4Rows(byte* codes, GroupValues groups, NativeTensorEntry entry) : CodedRows(groups, entry)
    {
        private readonly int _bytes = PackedInt4.RowBytes(entry.RowLength);
        private readonly int _offset = CodeLayouts.Int4Offset(entry.Scheme!);

        protected override void ReadCodes(int row, Span<float> values)
        {
            var packed = codes + (long)row * _bytes;
            for (var i = 0; i < values.Length; i++)
                values[i] = ((packed[i >> 1] >> (4 * (i & 1))) & 15) - _offset;
        }
    }

    private sealed class Int8Rows(byte* codes, GroupValues groups, NativeTensorEntry entry) : CodedRows(groups, entry)
    {
        protected override void ReadCodes(int row, Span<float> values)
        {
            var from = (sbyte*)codes + (long)row * Columns;
            for (var i = 0; i < values.Length; i++)
                values[i] = from[i];
        }
    }
}
