using System.Runtime.Intrinsics;

namespace CompressionHost.Kernels;

/// <summary>Eight codes a byte, the first in the lowest bit; a set bit is +1, else -1. As bytes 2 and 0, so that 1 stands for zero.</summary>
internal readonly unsafe struct BinaryCodes : ICodes
{
    public static string Name => "binary";

    public static int Zero => 1;

    public static int Largest => 2;

    public static int RowBytes(int columns) => (int)(((long)columns + 7) / 8);

    public static void Pack(ReadOnlySpan<sbyte> codes, byte* packed)
    {
        for (var i = 0; i < codes.Length; i++)
        {
            if (codes[i] > 0)
                packed[i >> 3] |= (byte)(1 << (i & 7));
        }
    }

    public static void Expand(byte* row, int column, int count, byte* bytes)
    {
        if (count == ICodes.Chunk && (column & 7) == 0)
        {
            for (var i = 0; i < ICodes.Chunk; i += 16)
                Expand16(*(ushort*)(row + ((column + i) >> 3)), bytes + i);
            return;
        }
        for (var i = 0; i < count; i++)
            bytes[i] = (byte)(((row[(column + i) >> 3] >> ((column + i) & 7)) & 1) << 1);
        new Span<byte>(bytes + count, ICodes.Chunk - count).Clear();
    }

    // Each byte of the vector keeps its own bit of the 16.
    private static void Expand16(ushort bits, byte* bytes)
    {
        var spread = Vector128.Create((byte)bits, (byte)bits, (byte)bits, (byte)bits, (byte)bits, (byte)bits, (byte)bits, (byte)bits,
            (byte)(bits >> 8), (byte)(bits >> 8), (byte)(bits >> 8), (byte)(bits >> 8), (byte)(bits >> 8), (byte)(bits >> 8), (byte)(bits >> 8), (byte)(bits >> 8));
        var own = Vector128.Create(0x8040201008040201, 0x8040201008040201).AsByte();
        (Vector128.Equals(spread & own, own) & Vector128.Create((byte)2)).Store(bytes);
    }
}
