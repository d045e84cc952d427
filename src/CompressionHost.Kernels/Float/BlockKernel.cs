using System.Runtime.CompilerServices;

namespace CompressionHost.Kernels;

/// <summary>The inner product of attention: six rows times two vectors, whose twelve sums stay in registers.</summary>
internal static unsafe class BlockKernel<TOps, TVector>
    where TOps : ISimd<TVector>
    where TVector : struct
{
    /// <summary>c[r, :] = sum over k, in order, of a[r, k] * b[k, :] for six rows and two vectors of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* a, long aStride, int count, float* b, long bStride, float* c, long cStride)
    {
        TVector c00 = TOps.Create(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
        float* a3 = a + 3 * aStride;
        for (var k = 0; k < count; k++)
        {
            var (b0, b1) = (TOps.Load(b), TOps.Load(b + TOps.Lanes));
            b += bStride;
            var v = TOps.Create(a[k]);
            c00 = TOps.MultiplyAdd(v, b0, c00);
            c01 = TOps.MultiplyAdd(v, b1, c01);
            v = TOps.Create(a[aStride + k]);
            c10 = TOps.MultiplyAdd(v, b0, c10);
            c11 = TOps.MultiplyAdd(v, b1, c11);
            v = TOps.Create(a[2 * aStride + k]);
            c20 = TOps.MultiplyAdd(v, b0, c20);
            c21 = TOps.MultiplyAdd(v, b1, c21);
            v = TOps.Create(a3[k]);
            c30 = TOps.MultiplyAdd(v, b0, c30);
            c31 = TOps.MultiplyAdd(v, b1, c31);
            v = TOps.Create(a3[aStride + k]);
            c40 = TOps.MultiplyAdd(v, b0, c40);
            c41 = TOps.MultiplyAdd(v, b1, c41);
            v = TOps.Create(a3[2 * aStride + k]);
            c50 = TOps.MultiplyAdd(v, b0, c50);
            c51 = TOps.MultiplyAdd(v, b1, c51);
        }
        Store(c00, c01, c);
        Store(c10, c11, c + cStride);
        Store(c20, c21, c + 2 * cStride);
        Store(c30, c31, c + 3 * cStride);
        Store(c40, c41, c + 4 * cStride);
        Store(c50, c51, c + 5 * cStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TVector first, TVector second, float* c)
    {
        TOps.Store(first, c);
        TOps.Store(second, c + TOps.Lanes);
    }
}
