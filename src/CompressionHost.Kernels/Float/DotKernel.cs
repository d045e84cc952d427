using System.Runtime.CompilerServices;

namespace CompressionHost.Kernels;

/// <summary>Rows times rows: four tokens with three weight rows at a time, whose twelve sums stay in registers; for weights that are not packed integers.</summary>
internal static unsafe class DotKernel<TOps, TVector>
    where TOps : ISimd<TVector>
    where TVector : struct
{
    private const int Tokens = 4;
    private const int Rows = 3;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* x, long xStride, int tokens, float* w, long wStride, int rows, int padded, float* y, long yStride)
    {
        for (var t = 0; t < tokens; t += Tokens)
        {
            for (var r = 0; r < rows; r += Rows)
            {
                if (tokens - t >= Tokens && rows - r >= Rows)
                    Block(x + t * xStride, xStride, w + r * wStride, wStride, padded, y + t * yStride + r, yStride);
                else
                    Rest(x + t * xStride, xStride, Math.Min(Tokens, tokens - t), w + r * wStride, wStride, Math.Min(Rows, rows - r), padded, y + t * yStride + r, yStride);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block(float* x, long xStride, float* w, long wStride, int padded, float* y, long yStride)
    {
        TVector c00 = TOps.Create(0), c01 = c00, c02 = c00, c10 = c00, c11 = c00, c12 = c00, c20 = c00, c21 = c00, c22 = c00, c30 = c00, c31 = c00, c32 = c00;
        float* x3 = x + 3 * xStride;
        for (var i = 0; i < padded; i += TOps.Lanes)
        {
            var (w0, w1, w2) = (TOps.Load(w + i), TOps.Load(w + wStride + i), TOps.Load(w + 2 * wStride + i));
            var v = TOps.Load(x + i);
            c00 = TOps.MultiplyAdd(v, w0, c00);
            c01 = TOps.MultiplyAdd(v, w1, c01);
            c02 = TOps.MultiplyAdd(v, w2, c02);
            v = TOps.Load(x + xStride + i);
            c10 = TOps.MultiplyAdd(v, w0, c10);
            c11 = TOps.MultiplyAdd(v, w1, c11);
            c12 = TOps.MultiplyAdd(v, w2, c12);
            v = TOps.Load(x + 2 * xStride + i);
            c20 = TOps.MultiplyAdd(v, w0, c20);
            c21 = TOps.MultiplyAdd(v, w1, c21);
            c22 = TOps.MultiplyAdd(v, w2, c22);
            v = TOps.Load(x3 + i);
            c30 = TOps.MultiplyAdd(v, w0, c30);
            c31 = TOps.MultiplyAdd(v, w1, c31);
            c32 = TOps.MultiplyAdd(v, w2, c32);
        }
        Store(c00, c01, c02, y);
        Store(c10, c11, c12, y + yStride);
        Store(c20, c21, c22, y + 2 * yStride);
        Store(c30, c31, c32, y + 3 * yStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TVector first, TVector second, TVector third, float* y)
    {
        y[0] = TOps.Sum(first);
        y[1] = TOps.Sum(second);
        y[2] = TOps.Sum(third);
    }

    // The same sums in the same order, one at a time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rest(float* x, long xStride, int tokens, float* w, long wStride, int rows, int padded, float* y, long yStride)
    {
        for (var t = 0; t < tokens; t++)
        {
            for (var r = 0; r < rows; r++)
            {
                var sum = TOps.Create(0);
                for (var i = 0; i < padded; i += TOps.Lanes)
                    sum = TOps.MultiplyAdd(TOps.Load(x + t * xStride + i), TOps.Load(w + r * wStride + i), sum);
                y[t * yStride + r] = TOps.Sum(sum);
            }
        }
    }
}
