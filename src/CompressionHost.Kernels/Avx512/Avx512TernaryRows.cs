using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels;

/// <summary>
/// Eight rows, 256 columns of one at a time: four planes of 64 codes + 1, each by <c>vpmaddubsw</c> with its activations. 256 columns add at most 4 * 508 to a lane of
/// 16 bits, so 4,096 columns reach 32,512.
/// </summary>
internal readonly unsafe struct Avx512TernaryRows : ITernaryRows
{
    public static int MostTokens => 2;

    public static int Rows => 8;

    public static int MaxColumns => 4096;

    public static int Block => 256;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sum(byte* codes, long rowBytes, int rows, int bytes, byte* planes, int sum, int* result, bool add)
    {
        // Rows that are not there repeat the last one.
        var last = codes + (rows - 1) * rowBytes;
        var r01 = Pair(Row(codes, bytes, planes), Row(Min(codes + rowBytes, last), bytes, planes));
        var r23 = Pair(Row(Min(codes + 2 * rowBytes, last), bytes, planes), Row(Min(codes + 3 * rowBytes, last), bytes, planes));
        var low = Four(r01, r23);
        var r45 = Pair(Row(Min(codes + 4 * rowBytes, last), bytes, planes), Row(Min(codes + 5 * rowBytes, last), bytes, planes));
        var r67 = Pair(Row(Min(codes + 6 * rowBytes, last), bytes, planes), Row(Min(codes + 7 * rowBytes, last), bytes, planes));
        var high = Four(r45, r67);
        // Each quarter of low and high has four rows: add the quarters.
        var halves = Avx512F.Shuffle4x128(low, high, 0b10_00_10_00) + Avx512F.Shuffle4x128(low, high, 0b11_01_11_01);
        var sums = Avx512F.Shuffle4x128(halves, halves, 0b10_00_10_00).GetLower() + Avx512F.Shuffle4x128(halves, halves, 0b11_01_11_01).GetLower() - Vector256.Create(sum);
        if (add)
            sums += Vector256.Load(result);
        sums.Store(result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Min(byte* row, byte* last) => row < last ? row : last;

    // Quarters become two sums of a and two of b, alternating.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Pair(Vector512<int> a, Vector512<int> b) => Avx512F.UnpackLow(a, b) + Avx512F.UnpackHigh(a, b);

    // Quarters become one sum of each of the four.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Four(Vector512<int> ab, Vector512<int> cd)
    {
        var (first, second) = (ab.AsInt64(), cd.AsInt64());
        return Avx512F.UnpackLow(first, second).AsInt32() + Avx512F.UnpackHigh(first, second).AsInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Row(byte* codes, int bytes, byte* planes)
    {
        var sum = Vector512<short>.Zero;
        var x = (sbyte*)planes;
        for (nint b = 0; b < bytes; b += 64)
            sum += Block256(Vector512.Load(codes + b), x + 4 * b);
        return Avx512BW.MultiplyAddAdjacent(sum, Vector512<short>.One);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Block256(Vector512<byte> packed, sbyte* x)
    {
        var mask = Vector512.Create((byte)3);
        var words = packed.AsUInt16();
        var a = Avx512BW.MultiplyAddAdjacent(packed & mask, Vector512.Load(x));
        var b = Avx512BW.MultiplyAddAdjacent((words >>> 2).AsByte() & mask, Vector512.Load(x + 64));
        var c = Avx512BW.MultiplyAddAdjacent((words >>> 4).AsByte() & mask, Vector512.Load(x + 128));
        var d = Avx512BW.MultiplyAddAdjacent((words >>> 6).AsByte() & mask, Vector512.Load(x + 192));
        return a + b + (c + d);
    }
}
