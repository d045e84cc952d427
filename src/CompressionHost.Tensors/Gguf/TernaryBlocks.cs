using System.Buffers.Binary;

namespace CompressionHost.Tensors;

/// <summary>
/// Blocks of 256 ternary codes and a float16 scale at the end. TQ2_0: byte 32 j + m holds codes 128 j + m + 32 l in bits 2 l. TQ1_0: five codes a byte in
/// three runs, a byte being the fraction 0.t0t1t2t3t4 in base 3, rounded up to 256ths, so that multiplying by 3 brings up one digit after another.
/// </summary>
internal static class TernaryBlocks
{
    public const int Values = 256;
    public const int Tq1Bytes = 54;
    public const int Tq2Bytes = 66;

    private const int Tq1Codes = Tq1Bytes - sizeof(ushort);
    private const int Tq2Codes = Tq2Bytes - sizeof(ushort);
    private const int Fifths = 243;

    // Bytes, then codes a byte: 32 x 5 + 16 x 5 + 4 x 4 = 256.
    private static readonly (int Bytes, int Digits)[] Runs = [(32, 5), (16, 5), (4, 4)];

    // Byte value * 5 + digit -> code.
    private static readonly sbyte[] Digits = MakeDigits();

    /// <param name="codes">256 codes.</param>
    /// <param name="scale">A negative one is stored as its absolute value, as ggml does, with the codes negated.</param>
    /// <param name="block">54 bytes.</param>
    public static void EncodeTq1(ReadOnlySpan<sbyte> codes, Half scale, Span<byte> block)
    {
        var sign = Half.IsNegative(scale) ? -1 : 1;
        var at = 0;
        foreach (var (bytes, digits) in Runs)
        {
            for (var m = 0; m < bytes; m++)
            {
                var number = 0;
                for (var n = 0; n < 5; n++)
                    number = 3 * number + (n < digits ? sign * codes[m + bytes * n] + 1 : 0);
                block[at++] = (byte)((number * 256 + Fifths - 1) / Fifths);
            }
            codes = codes[(bytes * digits)..];
        }
        BinaryPrimitives.WriteHalfLittleEndian(block[Tq1Codes..], Half.Abs(scale));
    }

    /// <inheritdoc cref="EncodeTq1"/>
    public static void EncodeTq2(ReadOnlySpan<sbyte> codes, Half scale, Span<byte> block)
    {
        var sign = Half.IsNegative(scale) ? -1 : 1;
        for (var i = 0; i < Tq2Codes; i++)
        {
            var part = codes[(i / 32 * 128 + i % 32)..];
            block[i] = (byte)(sign * part[0] + 1 | sign * part[32] + 1 << 2 | sign * part[64] + 1 << 4 | sign * part[96] + 1 << 6);
        }
        BinaryPrimitives.WriteHalfLittleEndian(block[Tq2Codes..], Half.Abs(scale));
    }

    /// <summary>The weights of a block, digit by digit as ggml reads them; every byte gives a digit.</summary>
    public static void DecodeTq1(ReadOnlySpan<byte> block, Span<float> values)
    {
        var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(block[Tq1Codes..]);
        foreach (var (bytes, digits) in Runs)
        {
            for (var n = 0; n < digits; n++)
            {
                for (var m = 0; m < bytes; m++)
                    values[m + bytes * n] = Digits[block[m] * 5 + n] * scale;
            }
            values = values[(bytes * digits)..];
            block = block[bytes..];
        }
    }

    /// <summary>The weights of a block. The bit pattern 3, which no writer makes, is 2, as in ggml.</summary>
    public static void DecodeTq2(ReadOnlySpan<byte> block, Span<float> values)
    {
        var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(block[Tq2Codes..]);
        for (var i = 0; i < Tq2Codes; i++)
        {
            var part = values[(i / 32 * 128 + i % 32)..];
            for (var l = 0; l < 4; l++)
                part[32 * l] = ((block[i] >> 2 * l & 3) - 1) * scale;
        }
    }

    private static sbyte[] MakeDigits()
    {
        var digits = new sbyte[256 * 5];
        for (var b = 0; b < 256; b++)
        {
            var rest = b;
            for (var n = 0; n < 5; n++)
            {
                digits[b * 5 + n] = (sbyte)(rest * 3 / 256 - 1);
                rest = rest * 3 & 255;
            }
        }
        return digits;
    }
}
