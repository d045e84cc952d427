using System.Runtime.CompilerServices;

namespace CompressionHost.Kernels;

/// <summary>
/// Rows times rows: four tokens with three weight rows at a time, whose twelve sums stay in registers; for weights that are not packed integers. Vectors of fewer than
/// sixteen lanes pass over the rows several times, so that every width adds in the same order.
/// </summary>
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

    [SkipLocalsInit]
    private static void Block(float* x, long xStride, float* w, long wStride, int padded, float* y, long yStride)
    {
        var sums = stackalloc float[Tokens * Rows * SixteenLanes<TOps, TVector>.Count];
        for (var lane = 0; lane < SixteenLanes<TOps, TVector>.Count; lane += TOps.Lanes)
            Pass(x + lane, xStride, w + lane, wStride, padded, sums + lane);
        for (var t = 0; t < Tokens; t++)
        {
            for (var r = 0; r < Rows; r++)
                y[(t * yStride) + r] = Sum(sums + (((t * Rows) + r) * SixteenLanes<TOps, TVector>.Count));
        }
    }

    /// <summary>The lanes of one vector out of every sixteen values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pass(float* x, long xStride, float* w, long wStride, int padded, float* sums)
    {
        TVector c00 = TOps.Create(0), c01 = c00, c02 = c00, c10 = c00, c11 = c00, c12 = c00, c20 = c00, c21 = c00, c22 = c00, c30 = c00, c31 = c00, c32 = c00;
        float* x3 = x + 3 * xStride;
        for (var i = 0; i < padded; i += SixteenLanes<TOps, TVector>.Count)
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
        Store(c00, c01, c02, sums);
        Store(c10, c11, c12, sums + Rows * SixteenLanes<TOps, TVector>.Count);
        Store(c20, c21, c22, sums + 2 * Rows * SixteenLanes<TOps, TVector>.Count);
        Store(c30, c31, c32, sums + 3 * Rows * SixteenLanes<TOps, TVector>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TVector first, TVector second, TVector third, float* sums)
    {
        TOps.Store(first, sums);
        TOps.Store(second, sums + SixteenLanes<TOps, TVector>.Count);
        TOps.Store(third, sums + 2 * SixteenLanes<TOps, TVector>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Sum(float* lanes)
    {
        var a = TOps.Load(lanes);
        if (TOps.Lanes == SixteenLanes<TOps, TVector>.Count)
            return TOps.Sum(a);
        var b = TOps.Load(lanes + TOps.Lanes);
        return TOps.Lanes == 8
            ? SixteenLanes<TOps, TVector>.Sum(a, b, a, b)
            : SixteenLanes<TOps, TVector>.Sum(a, b, TOps.Load(lanes + (2 * TOps.Lanes)), TOps.Load(lanes + (3 * TOps.Lanes)));
    }

    // The same sums in the same order, one at a time.
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rest(float* x, long xStride, int tokens, float* w, long wStride, int rows, int padded, float* y, long yStride)
    {
        var lanes = stackalloc float[SixteenLanes<TOps, TVector>.Count];
        for (var t = 0; t < tokens; t++)
        {
            for (var r = 0; r < rows; r++)
            {
                for (var lane = 0; lane < SixteenLanes<TOps, TVector>.Count; lane += TOps.Lanes)
                {
                    var sum = TOps.Create(0);
                    for (var i = lane; i < padded; i += SixteenLanes<TOps, TVector>.Count)
                        sum = TOps.MultiplyAdd(TOps.Load(x + t * xStride + i), TOps.Load(w + r * wStride + i), sum);
                    TOps.Store(sum, lanes + lane);
                }
                y[t * yStride + r] = Sum(lanes);
            }
        }
    }
}
