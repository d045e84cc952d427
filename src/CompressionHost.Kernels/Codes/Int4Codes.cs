using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels;

/// <summary>Two codes a byte, the first in the low half.</summary>
internal readonly unsafe struct Int4Codes : ICodes
{
    public const int SymmetricZero = 8;

    public static string Name => "int4";

    public static int Zero => SymmetricZero;

    public static int Largest => 15;

    public static int RowBytes(int columns) => (int)(((long)columns + 1) / 2);

    /// <summary>Packs a row, a number added to each code.</summary>
    public static void Pack(ReadOnlySpan<byte> codes, int offset, byte* packed)
    {
        for (var i = 0; i < codes.Length; i += 2)
        {
            var high = i + 1 < codes.Length ? (codes[i + 1] + offset) & 15 : 0;
            packed[i >> 1] = (byte)(((codes[i] + offset) & 15) | (high << 4));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Expand(byte* row, int column, int count, byte* bytes)
    {
        if (count == ICodes.Chunk && (column & 1) == 0)
        {
            Expand(row + (column >> 1), bytes);
            return;
        }
        ExpandEach(row, column, count, bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Expand512(byte* row, int column)
    {
        var lanes = Avx512BW.ConvertToVector512UInt16(Vector256.Load(row + (column >> 1)));
        return ((lanes | (lanes << 4)) & Vector512.Create((ushort)0x0F0F)).AsByte();
    }

    private static void ExpandEach(byte* row, int column, int count, byte* bytes)
    {
        for (var i = 0; i < count; i++)
            bytes[i] = (byte)((row[(column + i) >> 1] >> (4 * ((column + i) & 1))) & 15);
        new Span<byte>(bytes + count, ICodes.Chunk - count).Clear();
    }

    // 32 packed bytes. As a 16-bit lane a byte b becomes (b | b << 4) & 0x0F0F, its halves in order.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Expand(byte* packed, byte* bytes)
    {
        var halves = Vector128.Create((ushort)0x0F0F);
        for (var i = 0; i < ICodes.Chunk; i += 32, packed += 16)
        {
            var (low, high) = Vector128.Widen(Vector128.Load(packed));
            ((low | (low << 4)) & halves).AsByte().Store(bytes + i);
            ((high | (high << 4)) & halves).AsByte().Store(bytes + i + 16);
        }
    }
}
