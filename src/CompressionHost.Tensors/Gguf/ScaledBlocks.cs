using System.Buffers.Binary;

namespace CompressionHost.Tensors;

/// <summary>
/// Blocks of 32 values: a float16 scale, then codes. Q8_0: signed bytes. Q4_0: byte j holds code j in the low and code j + 16 in the high four bits, each as
/// code + 8.
/// </summary>
internal static class ScaledBlocks
{
    public const int Values = 32;
    public const int Q4Bytes = 18;
    public const int Q8Bytes = 34;

    private const int Half4 = Values / 2;

    public static void EncodeQ8(ReadOnlySpan<sbyte> codes, Half scale, Span<byte> block)
    {
        BinaryPrimitives.WriteHalfLittleEndian(block, scale);
        for (var i = 0; i < Values; i++)
            block[2 + i] = (byte)codes[i];
    }

    public static void EncodeQ4(ReadOnlySpan<sbyte> codes, Half scale, Span<byte> block)
    {
        BinaryPrimitives.WriteHalfLittleEndian(block, scale);
        for (var i = 0; i < Half4; i++)
            block[2 + i] = (byte)(codes[i] + 8 | codes[i + Half4] + 8 << 4);
    }

    /// <summary>Rounds as ggml's reference does: scale = greatest magnitude / 127, codes to nearest, halves away from zero.</summary>
    /// <returns>False where the scale is not a finite float16.</returns>
    public static bool TryQuantizeQ8(ReadOnlySpan<float> values, Span<byte> block)
    {
        var scale = Math.Abs(Greatest(values)) / 127;
        var inverse = scale == 0 ? 0 : 1 / scale;
        Span<sbyte> codes = stackalloc sbyte[Values];
        for (var i = 0; i < Values; i++)
            codes[i] = (sbyte)Math.Clamp(MathF.Round(values[i] * inverse, MidpointRounding.AwayFromZero), -127, 127);
        EncodeQ8(codes, (Half)scale, block);
        return Half.IsFinite((Half)scale);
    }

    /// <summary>Rounds as ggml's reference does: the value of greatest magnitude, the first of several, becomes code -8; halves go up.</summary>
    /// <inheritdoc cref="TryQuantizeQ8" path="/returns"/>
    public static bool TryQuantizeQ4(ReadOnlySpan<float> values, Span<byte> block)
    {
        var scale = Greatest(values) / -8;
        var inverse = scale == 0 ? 0 : 1 / scale;
        Span<sbyte> codes = stackalloc sbyte[Values];
        for (var i = 0; i < Values; i++)
            codes[i] = (sbyte)(Math.Min(15, (int)(values[i] * inverse + 8.5f)) - 8);
        EncodeQ4(codes, (Half)scale, block);
        return Half.IsFinite((Half)scale);
    }

    public static void DecodeQ8(ReadOnlySpan<byte> block, Span<float> values)
    {
        var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(block);
        for (var i = 0; i < Values; i++)
            values[i] = (sbyte)block[2 + i] * scale;
    }

    public static void DecodeQ4(ReadOnlySpan<byte> block, Span<float> values)
    {
        var scale = (float)BinaryPrimitives.ReadHalfLittleEndian(block);
        for (var i = 0; i < Half4; i++)
        {
            values[i] = ((block[2 + i] & 15) - 8) * scale;
            values[i + Half4] = ((block[2 + i] >> 4) - 8) * scale;
        }
    }

    // A NaN must not pass for a number.
    private static float Greatest(ReadOnlySpan<float> values)
    {
        var greatest = 0f;
        foreach (var v in values[..Values])
        {
            if (float.IsNaN(v))
                return v;
            if (Math.Abs(v) > Math.Abs(greatest))
                greatest = v;
        }
        return greatest;
    }
}
