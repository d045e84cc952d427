using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CompressionHost.Kernels;

/// <summary>The one rounding of a group: <c>y = fma(float(sum), scale, before)</c>.</summary>
internal static unsafe class GroupScale
{
    /// <param name="sums">Exact sums of the group, one a row.</param>
    /// <param name="scales">Scales of the group, one a row.</param>
    /// <param name="before">What the groups before came to, one a row, or null for none.</param>
    /// <param name="y">Receives the result, one a row; may be <paramref name="before"/>.</param>
    /// <param name="rows">How many rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Apply(int* sums, float* scales, float* before, float* y, int rows)
    {
        var r = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; r <= rows - Vector256<float>.Count; r += Vector256<float>.Count)
            {
                Scale(sums + r, Vector256.Load(scales + r), before is null ? Vector256<float>.Zero : Vector256.Load(before + r), y + r);
            }
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            for (; r <= rows - Vector128<float>.Count; r += Vector128<float>.Count)
            {
                Scale(sums + r, Vector128.Load(scales + r), before is null ? Vector128<float>.Zero : Vector128.Load(before + r), y + r);
            }
        }
        for (; r < rows; r++)
            y[r] = MathF.FusedMultiplyAdd(sums[r], scales[r], before is null ? 0 : before[r]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scale(int* sums, Vector256<float> scales, Vector256<float> before, float* y) =>
        Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(Vector256.Load(sums)), scales, before).Store(y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scale(int* sums, Vector128<float> scales, Vector128<float> before, float* y) =>
        Vector128.FusedMultiplyAdd(Vector128.ConvertToSingle(Vector128.Load(sums)), scales, before).Store(y);
}
