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
                var sum = Vector256.ConvertToSingle(Vector256.Load(sums + r));
                Vector256.FusedMultiplyAdd(sum, Vector256.Load(scales + r), before is null ? Vector256<float>.Zero : Vector256.Load(before + r)).Store(y + r);
            }
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            for (; r <= rows - Vector128<float>.Count; r += Vector128<float>.Count)
            {
                var sum = Vector128.ConvertToSingle(Vector128.Load(sums + r));
                Vector128.FusedMultiplyAdd(sum, Vector128.Load(scales + r), before is null ? Vector128<float>.Zero : Vector128.Load(before + r)).Store(y + r);
            }
        }
        for (; r < rows; r++)
            y[r] = MathF.FusedMultiplyAdd(sums[r], scales[r], before is null ? 0 : before[r]);
    }
}
