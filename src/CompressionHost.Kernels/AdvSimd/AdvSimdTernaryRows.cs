using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace CompressionHost.Kernels;

/// <summary>
/// Four rows, 64 columns of each at a time: four planes of 16 codes, each by <c>mul</c> and <c>sadalp</c> with its activations, which all four rows share.
/// 64 columns add at most 4 * 254 to a lane of 16 bits, so 2,048 columns reach 32,512.
/// </summary>
internal readonly unsafe struct AdvSimdTernaryRows : ITernaryRows
{
    public static int MostTokens => 2;

    public static int Rows => 4;

    public static int MaxColumns => 2048;

    public static int Block => 64;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sum(byte* codes, long rowBytes, int rows, int bytes, byte* planes, int sum, int* result, bool add)
    {
        // Rows that are not there repeat the last one.
        var p1 = codes + Math.Min(1, rows - 1) * rowBytes;
        var p2 = codes + Math.Min(2, rows - 1) * rowBytes;
        var p3 = codes + Math.Min(3, rows - 1) * rowBytes;
        Vector128<short> s0 = default, s1 = default, s2 = default, s3 = default;
        for (nint b = 0; b < bytes; b += 16)
        {
            var x = (sbyte*)planes + 4 * b;
            var (x0, x1, x2, x3) = (Vector128.Load(x), Vector128.Load(x + 16), Vector128.Load(x + 32), Vector128.Load(x + 48));
            s0 = Add(s0, Vector128.Load(codes + b), x0, x1, x2, x3);
            s1 = Add(s1, Vector128.Load(p1 + b), x0, x1, x2, x3);
            s2 = Add(s2, Vector128.Load(p2 + b), x0, x1, x2, x3);
            s3 = Add(s3, Vector128.Load(p3 + b), x0, x1, x2, x3);
        }
        var low = AdvSimd.Arm64.AddPairwise(AdvSimd.AddPairwiseWidening(s0), AdvSimd.AddPairwiseWidening(s1));
        var high = AdvSimd.Arm64.AddPairwise(AdvSimd.AddPairwiseWidening(s2), AdvSimd.AddPairwiseWidening(s3));
        var sums = AdvSimd.Arm64.AddPairwise(low, high);
        if (add)
            sums += Vector128.Load(result);
        sums.Store(result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Add(Vector128<short> sum, Vector128<byte> packed, Vector128<sbyte> x0, Vector128<sbyte> x1, Vector128<sbyte> x2, Vector128<sbyte> x3)
    {
        sum = AdvSimd.AddPairwiseWideningAndAdd(sum, AdvSimd.Multiply(TernaryPlanes.Codes0(packed), x0));
        sum = AdvSimd.AddPairwiseWideningAndAdd(sum, AdvSimd.Multiply(TernaryPlanes.Codes1(packed), x1));
        sum = AdvSimd.AddPairwiseWideningAndAdd(sum, AdvSimd.Multiply(TernaryPlanes.Codes2(packed), x2));
        return AdvSimd.AddPairwiseWideningAndAdd(sum, AdvSimd.Multiply(TernaryPlanes.Codes3(packed), x3));
    }
}
