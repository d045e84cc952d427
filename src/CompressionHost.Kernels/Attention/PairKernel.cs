using System.Runtime.CompilerServices;

namespace CompressionHost.Kernels;

/// <summary>The inner product of attention: six rows of int16 times two vectors of pairs of them, whose twelve vectors of int32 sums stay in registers.</summary>
internal static unsafe class PairKernel<TOps, TVector>
    where TOps : ISimd<TVector>
    where TVector : struct
{
    /// <summary>c[r, :] = sum over pairs k of a[r, 2k] * b[k, :, 0] + a[r, 2k + 1] * b[k, :, 1] for six rows and two vectors of columns, exact as long as it fits int32.</summary>
    /// <param name="a">First row.</param>
    /// <param name="aStride">int16 values between rows.</param>
    /// <param name="pairs">Pairs to sum over.</param>
    /// <param name="b">Vectors of pairs, laid out as <see cref="ISimd{TVector}.AddPairs"/> takes them.</param>
    /// <param name="bStride">int16 values from one pair's vectors to the next.</param>
    /// <param name="c">Receives int32 sums.</param>
    /// <param name="cStride">int32 values between rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(short* a, long aStride, int pairs, short* b, long bStride, float* c, long cStride)
    {
        TVector c00 = TOps.Create(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
        short* a3 = a + (3 * aStride);
        for (var k = 0; k < pairs; k++)
        {
            var (b0, b1) = (TOps.Load((float*)b), TOps.Load((float*)b + TOps.Lanes));
            b += bStride;
            var v = TOps.LoadPair(a);
            c00 = TOps.AddPairs(c00, v, b0);
            c01 = TOps.AddPairs(c01, v, b1);
            v = TOps.LoadPair(a + aStride);
            c10 = TOps.AddPairs(c10, v, b0);
            c11 = TOps.AddPairs(c11, v, b1);
            v = TOps.LoadPair(a + (2 * aStride));
            c20 = TOps.AddPairs(c20, v, b0);
            c21 = TOps.AddPairs(c21, v, b1);
            v = TOps.LoadPair(a3);
            c30 = TOps.AddPairs(c30, v, b0);
            c31 = TOps.AddPairs(c31, v, b1);
            v = TOps.LoadPair(a3 + aStride);
            c40 = TOps.AddPairs(c40, v, b0);
            c41 = TOps.AddPairs(c41, v, b1);
            v = TOps.LoadPair(a3 + (2 * aStride));
            c50 = TOps.AddPairs(c50, v, b0);
            c51 = TOps.AddPairs(c51, v, b1);
            a += 2;
            a3 += 2;
        }
        Store(c00, c01, c);
        Store(c10, c11, c + cStride);
        Store(c20, c21, c + (2 * cStride));
        Store(c30, c31, c + (3 * cStride));
        Store(c40, c41, c + (4 * cStride));
        Store(c50, c51, c + (5 * cStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TVector first, TVector second, float* c)
    {
        TOps.Store(first, c);
        TOps.Store(second, c + TOps.Lanes);
    }
}
