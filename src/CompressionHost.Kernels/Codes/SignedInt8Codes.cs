using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CompressionHost.Kernels;

/// <summary>Signed bytes as they are, for instructions that multiply signed by signed ones.</summary>
internal readonly unsafe struct SignedInt8Codes : ICodes
{
    public static string Name => "int8";

    public static int Zero => 0;

    public static int Largest => 128;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Expand(byte* row, int column, int count, byte* bytes)
    {
        new ReadOnlySpan<byte>(row + column, count).CopyTo(new Span<byte>(bytes, count));
        new Span<byte>(bytes + count, ICodes.Chunk - count).Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Expand512(byte* row, int column) => Vector512.Load(row + column);
}
