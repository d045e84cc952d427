using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CompressionHost.Tensors;

/// <summary>
/// Ternary codes in 2 bits: four a byte, the first in the lowest bits, each stored as code + 1 (0, 1 or 2), consecutive along the row.
/// A row ends on a whole byte; the unused bits are zero. The bit pattern 3 is not a code.
/// </summary>
public static class PackedTernary
{
    private const int CodesPerByte = 4;

    // Codes of one step: 16 packed bytes.
    private const int Step = 64;

    /// <summary>Bytes of one row.</summary>
    /// <param name="rowLength">Codes of one row.</param>
    public static int RowBytes(int rowLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rowLength);
        return (int)(((long)rowLength + CodesPerByte - 1) / CodesPerByte);
    }

    /// <summary>Packs whole rows.</summary>
    /// <param name="codes">Codes -1, 0 and 1, row-major.</param>
    /// <param name="rowLength">Codes of one row, at least 1.</param>
    /// <param name="packed">Exactly the bytes of the rows.</param>
    /// <exception cref="ArgumentException">The codes are not whole rows, one is not ternary, or the destination has another length.</exception>
    public static void Pack(ReadOnlySpan<sbyte> codes, int rowLength, Span<byte> packed)
    {
        var rows = CheckLengths(codes.Length, rowLength, packed.Length);
        if (codes.ContainsAnyExceptInRange((sbyte)-1, (sbyte)1))
            throw new ArgumentException("A code is not -1, 0 or 1.", nameof(codes));
        if (rowLength % CodesPerByte == 0)
        {
            PackRow(codes, packed);
            return;
        }
        var rowBytes = RowBytes(rowLength);
        for (var row = 0; row < rows; row++)
            PackRow(codes.Slice(row * rowLength, rowLength), packed.Slice(row * rowBytes, rowBytes));
    }

    /// <summary>Unpacks whole rows.</summary>
    /// <param name="packed">The bytes of the rows.</param>
    /// <param name="rowLength">Codes of one row, at least 1.</param>
    /// <param name="codes">Exactly the codes of the rows, row-major.</param>
    /// <returns>False, with <paramref name="codes"/> unspecified, where a code is 3 or an unused bit is set: the bytes are corrupt.</returns>
    /// <exception cref="ArgumentException">The lengths are not those of the same whole rows.</exception>
    public static bool TryUnpack(ReadOnlySpan<byte> packed, int rowLength, Span<sbyte> codes)
    {
        var rows = CheckLengths(codes.Length, rowLength, packed.Length);
        if (!AreCodes(packed))
            return false;
        var tail = rowLength % CodesPerByte;
        if (tail == 0)
        {
            UnpackRow(packed, codes);
            return true;
        }
        var rowBytes = RowBytes(rowLength);
        var unused = 0;
        for (var row = 0; row < rows; row++)
        {
            var bytes = packed.Slice(row * rowBytes, rowBytes);
            UnpackRow(bytes, codes.Slice(row * rowLength, rowLength));
            unused |= bytes[^1] >> (2 * tail);
        }
        return unused == 0;
    }

    private static void PackRow(ReadOnlySpan<sbyte> codes, Span<byte> packed)
    {
        var i = 0;
        for (; i <= codes.Length - Step; i += Step)
        {
            var low = Vector128.Narrow(Gather(codes[i..]), Gather(codes[(i + 16)..]));
            var high = Vector128.Narrow(Gather(codes[(i + 32)..]), Gather(codes[(i + 48)..]));
            Vector128.Narrow(low, high).CopyTo(packed[(i / CodesPerByte)..]);
        }
        for (; i < codes.Length; i += CodesPerByte)
        {
            var value = 0;
            var end = Math.Min(i + CodesPerByte, codes.Length);
            for (var j = i; j < end; j++)
                value |= (codes[j] + 1) << (2 * (j - i));
            packed[i / CodesPerByte] = (byte)value;
        }
    }

    // Sixteen codes as four 32-bit lanes; the four bytes of a lane slide together into its lowest byte.
    private static Vector128<uint> Gather(ReadOnlySpan<sbyte> codes)
    {
        var lanes = (Vector128.Create(codes) + Vector128<sbyte>.One).AsUInt32();
        return (lanes | (lanes >> 6) | (lanes >> 12) | (lanes >> 18)) & Vector128.Create(0xFFu);
    }

    private static void UnpackRow(ReadOnlySpan<byte> packed, Span<sbyte> codes)
    {
        var i = 0;
        for (; i <= codes.Length - Step; i += Step)
        {
            var (low, high) = Vector128.Widen(Vector128.Create(packed.Slice(i / CodesPerByte, 16)));
            var (a, b) = Vector128.Widen(low);
            var (c, d) = Vector128.Widen(high);
            Scatter(a).CopyTo(codes[i..]);
            Scatter(b).CopyTo(codes[(i + 16)..]);
            Scatter(c).CopyTo(codes[(i + 32)..]);
            Scatter(d).CopyTo(codes[(i + 48)..]);
        }
        for (; i < codes.Length; i++)
            codes[i] = (sbyte)(((packed[i / CodesPerByte] >> (2 * (i % CodesPerByte))) & 3) - 1);
    }

    private static Vector128<sbyte> Scatter(Vector128<uint> bytes)
    {
        var lanes = bytes | (bytes << 6) | (bytes << 12) | (bytes << 18);
        return (lanes & Vector128.Create(0x03030303u)).AsSByte() - Vector128<sbyte>.One;
    }

    /// <summary>Whether no pair of bits is 3. It is 3 where a bit and its upper neighbour are both set.</summary>
    /// <param name="packed">Packed rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool AreCodes(ReadOnlySpan<byte> packed)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(packed);
        var vectors = MemoryMarshal.Cast<ulong, Vector<ulong>>(words);
        var seen = Vector<ulong>.Zero;
        foreach (var v in vectors)
            seen |= v & (v >> 1);
        var rest = 0UL;
        foreach (var w in words[(vectors.Length * Vector<ulong>.Count)..])
            rest |= w & (w >> 1);
        foreach (var b in packed[(words.Length * sizeof(ulong))..])
            rest |= b & ((uint)b >> 1);
        for (var i = 0; i < Vector<ulong>.Count; i++)
            rest |= seen[i];
        return (rest & 0x5555555555555555) == 0;
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
