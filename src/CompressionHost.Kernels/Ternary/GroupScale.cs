using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CompressionHost.Kernels;

/// <summary>The one rounding of a group: <c>y = fma(float(sum), scale, before)</c>.</summary>
internal static unsafe class GroupScale
{
    /// <summary>For some rows of some tokens; each pointer is as in the other method for the first token, and each stride leads from one token to the next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(int* sums, int sumStride, float* scales, float* before, long beforeStride, float* y, long yStride, int rows, int tokens)
    {
        var r = 0;
        // As many rows as have their scales in registers.
        if (Vector256.IsHardwareAccelerated)
        {
            for (; r <= rows - (4 * Vector256<float>.Count); r += 4 * Vector256<float>.Count)
            {
                var (s0, s1) = (Vector256.Load(scales + r), Vector256.Load(scales + r + 8));
                var (s2, s3) = (Vector256.Load(scales + r + 16), Vector256.Load(scales + r + 24));
                var from = sums + r;
                var b = before + r;
                var to = y + r;
                for (var t = 0; t < tokens; t++, from += sumStride, b += beforeStride, to += yStride)
                {
                    Scale(from, s0, before is null ? Vector256<float>.Zero : Vector256.Load(b), to);
                    Scale(from + 8, s1, before is null ? Vector256<float>.Zero : Vector256.Load(b + 8), to + 8);
                    Scale(from + 16, s2, before is null ? Vector256<float>.Zero : Vector256.Load(b + 16), to + 16);
                    Scale(from + 24, s3, before is null ? Vector256<float>.Zero : Vector256.Load(b + 24), to + 24);
                }
            }
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            for (; r <= rows - (4 * Vector128<float>.Count); r += 4 * Vector128<float>.Count)
            {
                var (s0, s1) = (Vector128.Load(scales + r), Vector128.Load(scales + r + 4));
                var (s2, s3) = (Vector128.Load(scales + r + 8), Vector128.Load(scales + r + 12));
                var from = sums + r;
                var b = before + r;
                var to = y + r;
                for (var t = 0; t < tokens; t++, from += sumStride, b += beforeStride, to += yStride)
                {
                    Scale(from, s0, before is null ? Vector128<float>.Zero : Vector128.Load(b), to);
                    Scale(from + 4, s1, before is null ? Vector128<float>.Zero : Vector128.Load(b + 4), to + 4);
                    Scale(from + 8, s2, before is null ? Vector128<float>.Zero : Vector128.Load(b + 8), to + 8);
                    Scale(from + 12, s3, before is null ? Vector128<float>.Zero : Vector128.Load(b + 12), to + 12);
                }
            }
        }
        for (var t = 0; r < rows && t < tokens; t++)
            Apply(sums + (t * sumStride) + r, scales + r, before is null ? null : before + (t * beforeStride) + r, y + (t * yStride) + r, rows - r);
    }

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
