using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CompressionHost.Kernels;

/// <summary>The four codes of every byte, each as -1, 0 or 1: a plane has one code of each byte.</summary>
internal static unsafe class TernaryPlanes
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> Codes0(Vector128<byte> packed) => (packed & Vector128.Create((byte)3)).AsSByte() - Vector128<sbyte>.One;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> Codes1(Vector128<byte> packed) => ((packed >>> 2) & Vector128.Create((byte)3)).AsSByte() - Vector128<sbyte>.One;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> Codes2(Vector128<byte> packed) => ((packed >>> 4) & Vector128.Create((byte)3)).AsSByte() - Vector128<sbyte>.One;

    // The shift leaves no other bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> Codes3(Vector128<byte> packed) => (packed >>> 6).AsSByte() - Vector128<sbyte>.One;

    /// <summary>Fewer than 16 bytes, then zeros. What follows them may be nobody's memory.</summary>
    public static Vector128<byte> LoadRest(byte* packed, int bytes)
    {
        Vector128<byte> rest = default;
        Unsafe.CopyBlockUnaligned(&rest, packed, (uint)bytes);
        return rest;
    }
}
