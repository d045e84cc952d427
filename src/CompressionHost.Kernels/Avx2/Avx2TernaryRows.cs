using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels;

/// <summary>
/// Eight rows, 128 columns of one at a time: four planes of 32 codes + 1, each by <c>vpmaddubsw</c> with its activations. 128 columns add at most 4 * 508 to a lane of
/// 16 bits, so 2,048 columns reach 32,512.
/// </summary>
internal readonly unsafe struct Avx2TernaryRows : ITernaryRows
{
    public static int MostTokens => 1;

    public static int Rows => 8;

    public static int MaxColumns => 2048;

    public static int Block => 128;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sum(byte* codes, long rowBytes, int rows, int bytes, byte* planes, int sum, int* result, bool add)
    {
        // Rows that are not there repeat the last one.
        var last = codes + (rows - 1) * rowBytes;
        var r0 = Row(codes, bytes, planes);
        var r1 = Row(Min(codes + rowBytes, last), bytes, planes);
        var r2 = Row(Min(codes + 2 * rowBytes, last), bytes, planes);
        var r3 = Row(Min(codes + 3 * rowBytes, last), bytes, planes);
        var low = Avx2.HorizontalAdd(Avx2.HorizontalAdd(r0, r1), Avx2.HorizontalAdd(r2, r3));
        r0 = Row(Min(codes + 4 * rowBytes, last), bytes, planes);
        r1 = Row(Min(codes + 5 * rowBytes, last), bytes, planes);
        r2 = Row(Min(codes + 6 * rowBytes, last), bytes, planes);
        r3 = Row(Min(codes + 7 * rowBytes, last), bytes, planes);
        var high = Avx2.HorizontalAdd(Avx2.HorizontalAdd(r0, r1), Avx2.HorizontalAdd(r2, r3));
        var sums = Avx2.Permute2x128(low, high, 0x20) + Avx2.Permute2x128(low, high, 0x31) - Vector256.Create(sum);
        if (add)
            sums += Vector256.Load(result);
        sums.Store(result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Min(byte* row, byte* last) => row < last ? row : last;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Row(byte* codes, int bytes, byte* planes)
    {
        var sum = Vector256<short>.Zero;
        var x = (sbyte*)planes;
        for (nint b = 0; b < bytes; b += 32)
            sum += Block128(Vector256.Load(codes + b), x + 4 * b);
        return Avx2.MultiplyAddAdjacent(sum, Vector256<short>.One);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Block128(Vector256<byte> packed, sbyte* x)
    {
        var mask = Vector256.Create((byte)3);
        var words = packed.AsUInt16();
        var a = Avx2.MultiplyAddAdjacent(packed & mask, Vector256.Load(x));
        var b = Avx2.MultiplyAddAdjacent((words >>> 2).AsByte() & mask, Vector256.Load(x + 32));
        var c = Avx2.MultiplyAddAdjacent((words >>> 4).AsByte() & mask, Vector256.Load(x + 64));
        var d = Avx2.MultiplyAddAdjacent((words >>> 6).AsByte() & mask, Vector256.Load(x + 96));
        return a + b + (c + d);
    }
}
