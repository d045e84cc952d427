using System.Runtime.Intrinsics;

namespace CompressionHost.Tensors;

/// <summary>
/// Codes in 4 bits: two a byte, the first in the low half, consecutive along the row. A row ends on a whole byte; an unused half is zero. What is stored is 0 to 15: codes
/// from 0 to 15 as they are, codes from -8 to 7 as code + 8.
/// </summary>
public static class PackedInt4
{
    /// <summary>What is added to codes from -8 to 7.</summary>
    public const int SymmetricOffset = 8;

    private const int CodesPerByte = 2;
    private const int Largest = 15;

    // Codes of one step: 16 packed bytes.
    private const int Step = 32;

    /// <summary>Bytes of one row.</summary>
    /// <param name="rowLength">Codes of one row.</param>
    public static int RowBytes(int rowLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rowLength);
        return (int)(((long)rowLength + CodesPerByte - 1) / CodesPerByte);
    }

    /// <summary>Packs whole rows.</summary>
    /// <param name="codes">Row-major.</param>
    /// <param name="rowLength">Codes of one row, at least 1.</param>
    /// <param name="offset">Added to each code: 0 or <see cref="SymmetricOffset"/>.</param>
    /// <param name="packed">Exactly the bytes of the rows.</param>
    /// <exception cref="ArgumentException">The codes are not whole rows, one and the offset are not 0 to 15, or the destination has another length.</exception>
    public static void Pack(ReadOnlySpan<sbyte> codes, int rowLength, int offset, Span<byte> packed)
    {
        var rows = CheckLengths(codes.Length, rowLength, offset, packed.Length);
        if (codes.ContainsAnyExceptInRange((sbyte)-offset, (sbyte)(Largest - offset)))
            throw new ArgumentException($"A code is not in {-offset}..{Largest - offset}.", nameof(codes));
        if (rowLength % CodesPerByte == 0)
        {
            PackRow(codes, offset, packed);
            return;
        }
        var rowBytes = RowBytes(rowLength);
        for (var row = 0; row < rows; row++)
            PackRow(codes.Slice(row * rowLength, rowLength), offset, packed.Slice(row * rowBytes, rowBytes));
    }

    /// <summary>Unpacks whole rows.</summary>
    /// <param name="packed">The bytes of the rows.</param>
    /// <param name="rowLength">Codes of one row, at least 1.</param>
    /// <param name="offset">What was added to each code.</param>
    /// <param name="codes">Exactly the codes of the rows, row-major.</param>
    /// <returns>False, with <paramref name="codes"/> unspecified, where an unused bit is set: the bytes are corrupt.</returns>
    /// <exception cref="ArgumentException">The lengths are not those of the same whole rows.</exception>
    public static bool TryUnpack(ReadOnlySpan<byte> packed, int rowLength, int offset, Span<sbyte> codes)
    {
        var rows = CheckLengths(codes.Length, rowLength, offset, packed.Length);
        if (rowLength % CodesPerByte == 0)
        {
            UnpackRow(packed, offset, codes);
            return true;
        }
        var rowBytes = RowBytes(rowLength);
        var unused = 0;
        for (var row = 0; row < rows; row++)
        {
            var bytes = packed.Slice(row * rowBytes, rowBytes);
            UnpackRow(bytes, offset, codes.Slice(row * rowLength, rowLength));
            unused |= bytes[^1] >> 4;
        }
        return unused == 0;
    }

    private static void PackRow(ReadOnlySpan<sbyte> codes, int offset, Span<byte> packed)
    {
        var i = 0;
        for (; i <= codes.Length - Step; i += Step)
            Vector128.Narrow(Gather(codes[i..], offset), Gather(codes[(i + 16)..], offset)).CopyTo(packed[(i / CodesPerByte)..]);
        for (; i < codes.Length; i += CodesPerByte)
        {
            var high = i + 1 < codes.Length ? codes[i + 1] + offset : 0;
            packed[i / CodesPerByte] = (byte)((codes[i] + offset) | (high << 4));
        }
    }

    // Sixteen codes as eight 16-bit lanes, whose two bytes slide together into the lower one.
    private static Vector128<ushort> Gather(ReadOnlySpan<sbyte> codes, int offset)
    {
        var lanes = (Vector128.Create(codes) + Vector128.Create((sbyte)offset)).AsUInt16();
        return (lanes | (lanes >> 4)) & Vector128.Create((ushort)0xFF);
    }

    private static void UnpackRow(ReadOnlySpan<byte> packed, int offset, Span<sbyte> codes)
    {
        var i = 0;
        for (; i <= codes.Length - Step; i += Step)
        {
            var (low, high) = Vector128.Widen(Vector128.Create(packed.Slice(i / CodesPerByte, 16)));
            Scatter(low, offset).CopyTo(codes[i..]);
            Scatter(high, offset).CopyTo(codes[(i + 16)..]);
        }
        for (; i < codes.Length; i++)
            codes[i] = (sbyte)(((packed[i / CodesPerByte] >> (4 * (i % CodesPerByte))) & Largest) - offset);
    }

    private static Vector128<sbyte> Scatter(Vector128<ushort> bytes, int offset) =>
        ((bytes | (bytes << 4)) & Vector128.Create((ushort)0x0F0F)).AsSByte() - Vector128.Create((sbyte)offset);

    private static int CheckLengths(int codes, int rowLength, int offset, int packed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowLength, 1);
        if (offset is not (0 or SymmetricOffset))
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"The offset is 0 or {SymmetricOffset}.");
        var (rows, rest) = Math.DivRem(codes, rowLength);
        if (rest != 0 || (long)rows * RowBytes(rowLength) != packed)
            throw new ArgumentException($"{codes} codes in rows of {rowLength} do not take {packed} bytes.");
        return rows;
    }
}
