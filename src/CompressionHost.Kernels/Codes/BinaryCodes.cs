using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels;

/// <summary>Eight codes a byte, the first in the lowest bit; a set bit is +1, else -1. As bytes 2 and 0, so that 1 stands for zero.</summary>
internal readonly unsafe struct BinaryCodes : ICodes
{
    private const ulong OwnBits = 0x8040201008040201;

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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Expand(byte* row, int column, int count, byte* bytes)
    {
        if (count == ICodes.Chunk && (column & 7) == 0)
        {
            Expand(row + (column >> 3), bytes);
            return;
        }
        ExpandEach(row, column, count, bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Expand512(byte* row, int column)
    {
        var places = Vector512.Create(0UL, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303, 0x0404040404040404, 0x0505050505050505, 0x0606060606060606, 0x0707070707070707);
        var bits = Vector512.Create(OwnBits).AsByte();
        var spread = Avx512BW.Shuffle(Vector512.Create(*(ulong*)(row + (column >> 3))).AsByte(), places.AsByte());
        return Vector512.Equals(spread & bits, bits) & Vector512.Create((byte)2);
    }

    private static void ExpandEach(byte* row, int column, int count, byte* bytes)
    {
        for (var i = 0; i < count; i++)
            bytes[i] = (byte)(((row[(column + i) >> 3] >> ((column + i) & 7)) & 1) << 1);
        new Span<byte>(bytes + count, ICodes.Chunk - count).Clear();
    }

    // Eight packed bytes. Each byte of a vector gets the packed byte that holds its code, and keeps its own bit of it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Expand(byte* packed, byte* bytes)
    {
        for (var i = 0; i < ICodes.Chunk; i += 16, packed += 2)
        {
            var bits = Vector128.Create(OwnBits).AsByte();
            var spread = Vector128.Shuffle(Vector128.Create(*(ushort*)packed).AsByte(), Vector128.Create(0UL, 0x0101010101010101).AsByte());
            (Vector128.Equals(spread & bits, bits) & Vector128.Create((byte)2)).Store(bytes + i);
        }
    }
}
