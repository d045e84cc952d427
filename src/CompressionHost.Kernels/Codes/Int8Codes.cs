using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CompressionHost.Kernels;

/// <summary>Signed bytes; 128 is added, which flips the sign bit.</summary>
internal readonly unsafe struct Int8Codes : ICodes
{
    public static string Name => "int8";

    public static int Zero => 128;

    public static int Largest => 255;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Expand(byte* row, int column, int count, byte* bytes)
    {
        if (count == ICodes.Chunk)
        {
            (Vector512.Load(row + column) ^ Vector512.Create((byte)0x80)).Store(bytes);
            return;
        }
        ExpandEach(row, column, count, bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Expand512(byte* row, int column) => Vector512.Load(row + column) ^ Vector512.Create((byte)0x80);

    private static void ExpandEach(byte* row, int column, int count, byte* bytes)
    {
        for (var i = 0; i < count; i++)
            bytes[i] = (byte)(row[column + i] ^ 0x80);
        new Span<byte>(bytes + count, ICodes.Chunk - count).Clear();
    }
}
