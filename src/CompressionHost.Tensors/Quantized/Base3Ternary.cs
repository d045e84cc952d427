using System.Buffers.Binary;

namespace CompressionHost.Tensors;

/// <summary>
/// Ternary codes five a byte: 1.6 bits a code. A byte is the number in base 3 whose digits are code + 1, the first code the most significant; digits beyond the last
/// code are zero. The bytes 243 to 255 mean nothing. Rows are not padded.
/// </summary>
public static class Base3Ternary
{
    private const int CodesPerByte = 5;
    private const int Numbers = 243;

    // Four bytes are twenty codes, five bytes of two bits a code.
    private const int StepBytes = 4;
    private const int StepPacked = 5;

    // Above the ten bits of five codes: not a number.
    private const ushort Invalid = 1 << 15;

    // Byte -> its five codes as PackedTernary stores them, the first in the lowest bits.
    private static readonly ushort[] Packed = MakePacked();

    /// <summary>Bytes of so many codes.</summary>
    public static long Bytes(long codes) => (codes + CodesPerByte - 1) / CodesPerByte;

    /// <summary>Packs codes.</summary>
    /// <param name="codes">Codes -1, 0 and 1.</param>
    /// <param name="bytes">Exactly their bytes.</param>
    /// <exception cref="ArgumentException">A code is not ternary, or the destination has another length.</exception>
    public static void Encode(ReadOnlySpan<sbyte> codes, Span<byte> bytes)
    {
        Check(codes.Length, bytes.Length);
        if (codes.ContainsAnyExceptInRange((sbyte)-1, (sbyte)1))
            throw new ArgumentException("A code is not -1, 0 or 1.", nameof(codes));
        var whole = codes.Length / CodesPerByte;
        for (var i = 0; i < whole; i++)
        {
            var c = codes.Slice(i * CodesPerByte, CodesPerByte);
            // 121 = 11111 in base 3: the ones of code + 1.
            bytes[i] = (byte)(81 * c[0] + 27 * c[1] + 9 * c[2] + 3 * c[3] + c[4] + 121);
        }
        if (whole == bytes.Length)
            return;
        var number = 0;
        for (var i = whole * CodesPerByte; i < (whole + 1) * CodesPerByte; i++)
            number = 3 * number + (i < codes.Length ? codes[i] + 1 : 0);
        bytes[whole] = (byte)number;
    }

    /// <summary>Unpacks codes.</summary>
    /// <param name="bytes">Their bytes.</param>
    /// <param name="codes">Exactly the codes.</param>
    /// <returns>False, with the destination unspecified, where a byte is no number or an unused digit is not zero: the bytes are corrupt.</returns>
    /// <exception cref="ArgumentException">The lengths are not those of the same codes.</exception>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, Span<sbyte> codes)
    {
        Check(codes.Length, bytes.Length);
        var seen = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            int five = Packed[bytes[i]];
            seen |= five;
            var at = i * CodesPerByte;
            if (at + CodesPerByte <= codes.Length)
            {
                var c = codes.Slice(at, CodesPerByte);
                c[0] = (sbyte)((five & 3) - 1);
                c[1] = (sbyte)((five >> 2 & 3) - 1);
                c[2] = (sbyte)((five >> 4 & 3) - 1);
                c[3] = (sbyte)((five >> 6 & 3) - 1);
                c[4] = (sbyte)((five >> 8 & 3) - 1);
                continue;
            }
            for (var j = at; j < codes.Length; j++, five >>= 2)
                codes[j] = (sbyte)((five & 3) - 1);
            seen |= five == 0 ? 0 : Invalid;
        }
        return (seen & Invalid) == 0;
    }

    /// <summary>From five codes a byte to the rows of <see cref="PackedTernary"/>.</summary>
    /// <param name="bytes">The bytes of whole rows.</param>
    /// <param name="rowLength">Codes of one row, at least 1.</param>
    /// <param name="packed">Exactly the packed bytes of the rows.</param>
    /// <inheritdoc cref="TryDecode" path="/returns"/>
    /// <exception cref="ArgumentException">The lengths are not those of the same whole rows.</exception>
    public static bool TryUnpack(ReadOnlySpan<byte> bytes, int rowLength, Span<byte> packed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowLength, 1);
        var (rows, part) = Math.DivRem(packed.Length, PackedTernary.RowBytes(rowLength));
        Check(part == 0 ? (long)rows * rowLength : -1, bytes.Length);
        if (rowLength % 4 != 0)
        {
            var codes = new sbyte[rows * rowLength];
            if (!TryDecode(bytes, codes))
                return false;
            PackedTernary.Pack(codes, rowLength, packed);
            return true;
        }
        // Rows of whole bytes follow one another without a seam.
        var seen = 0;
        var (from, to) = (0, 0);
        for (; to <= packed.Length - sizeof(ulong); from += StepBytes, to += StepPacked)
        {
            var four = bytes.Slice(from, StepBytes);
            var (a, b, c, d) = (Packed[four[0]], Packed[four[1]], Packed[four[2]], Packed[four[3]]);
            seen |= a | b | c | d;
            // The three bytes too many are overwritten by the next step.
            BinaryPrimitives.WriteUInt64LittleEndian(packed[to..], a & 1023UL | (b & 1023UL) << 10 | (c & 1023UL) << 20 | (d & 1023UL) << 30);
        }
        Span<sbyte> rest = stackalloc sbyte[StepPacked * 8];
        rest = rest[..((packed.Length - to) * 4)];
        if (!TryDecode(bytes[from..], rest))
            return false;
        if (!rest.IsEmpty)
            PackedTernary.Pack(rest, rest.Length, packed[to..]);
        return (seen & Invalid) == 0;
    }

    private static void Check(long codes, int bytes)
    {
        if (codes < 0 || Bytes(codes) != bytes)
            throw new ArgumentException($"{bytes} bytes are not those of {codes} codes.");
    }

    private static ushort[] MakePacked()
    {
        var packed = new ushort[256];
        for (var b = 0; b < packed.Length; b++)
        {
            var rest = b;
            for (var i = CodesPerByte - 1; i >= 0; i--, rest /= 3)
                packed[b] |= (ushort)(rest % 3 << 2 * i);
            if (b >= Numbers)
                packed[b] = Invalid;
        }
        return packed;
    }
}
