using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace CompressionHost.Tensors;

/// <summary>
/// Binary codes in 1 bit: eight a byte, the first in the lowest bit, 0 for -1 and 1 for +1, consecutive along the row. A row ends on a whole byte; the unused bits are zero.
/// </summary>
public static class PackedBinary
{
    private const int CodesPerByte = 8;

    // The lowest bit of each of eight bytes, and the product that brings them together in the highest byte.
    private const ulong LowestBits = 0x0101010101010101;
    private const ulong Gather = 0x0102040810204080;

    /// <summary>Bytes of one row.</summary>
    /// <param name="rowLength">Codes of one row.</param>
    public static int RowBytes(int rowLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rowLength);
        return (int)(((long)rowLength + CodesPerByte - 1) / CodesPerByte);
    }

    /// <summary>Packs whole rows.</summary>
    /// <param name="codes">Codes -1 and 1, row-major.</param>
    /// <param name="rowLength">Codes of one row, at least 1.</param>
    /// <param name="packed">Exactly the bytes of the rows.</param>
    /// <exception cref="ArgumentException">The codes are not whole rows, one is not binary, or the destination has another length.</exception>
    public static void Pack(ReadOnlySpan<sbyte> codes, int rowLength, Span<byte> packed)
    {
        var rows = CheckLengths(codes.Length, rowLength, packed.Length);
        if (codes.ContainsAnyExcept((sbyte)-1, (sbyte)1))
            throw new ArgumentException("A code is not -1 or 1.", nameof(codes));
        var rowBytes = RowBytes(rowLength);
        for (var row = 0; row < rows; row++)
            PackRow(codes.Slice(row * rowLength, rowLength), packed.Slice(row * rowBytes, rowBytes));
    }

    /// <summary>Unpacks whole rows.</summary>
    /// <param name="packed">The bytes of the rows.</param>
    /// <param name="rowLength">Codes of one row, at least 1.</param>
    /// <param name="codes">Exactly the codes of the rows, row-major.</param>
    /// <returns>False, with <paramref name="codes"/> unspecified, where an unused bit is set: the bytes are corrupt.</returns>
    /// <exception cref="ArgumentException">The lengths are not those of the same whole rows.</exception>
    public static bool TryUnpack(ReadOnlySpan<byte> packed, int rowLength, Span<sbyte> codes)
    {
        var rows = CheckLengths(codes.Length, rowLength, packed.Length);
        var (rowBytes, tail) = (RowBytes(rowLength), rowLength % CodesPerByte);
        var unused = 0;
        for (var row = 0; row < rows; row++)
        {
            var bytes = packed.Slice(row * rowBytes, rowBytes);
            var values = codes.Slice(row * rowLength, rowLength);
            for (var i = 0; i < values.Length; i++)
                values[i] = (sbyte)((((bytes[i / CodesPerByte] >> (i % CodesPerByte)) & 1) << 1) - 1);
            unused |= tail == 0 ? 0 : bytes[^1] >> tail;
        }
        return unused == 0;
    }

    private static void PackRow(ReadOnlySpan<sbyte> codes, Span<byte> packed)
    {
        var i = 0;
        for (; i <= codes.Length - CodesPerByte; i += CodesPerByte)
        {
            // A code's second bit is clear for 1 and set for -1.
            var negative = (BinaryPrimitives.ReadUInt64LittleEndian(MemoryMarshal.AsBytes(codes[i..])) >> 1) & LowestBits;
            packed[i / CodesPerByte] = (byte)~((negative * Gather) >> 56);
        }
        if (i == codes.Length)
            return;
        var last = 0;
        for (var j = i; j < codes.Length; j++)
            last |= (codes[j] > 0 ? 1 : 0) << (j - i);
        packed[^1] = (byte)last;
    }

    private static int CheckLengths(int codes, int rowLength, int packed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowLength, 1);
        var (rows, rest) = Math.DivRem(codes, rowLength);
        if (rest != 0 || (long)rows * RowBytes(rowLength) != packed)
            throw new ArgumentException($"{codes} codes in rows of {rowLength} do not take {packed} bytes.");
        return rows;
    }
}
