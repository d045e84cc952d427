using System.Runtime.CompilerServices;

namespace CompressionHost.Kernels;

/// <summary>
/// Attention of one head, six queries at a time: their scores, softmax and mix of values stay in the first-level cache. Both products are of int16 with exact int32 sums,
/// which are twice as fast as float32 on x64: scores of codes whose magnitudes <see cref="FloatKernels.MostOfScores"/> bounds, and a mix with weights that add up to 1 in
/// units of 1 / 32767.
/// </summary>
internal static unsafe class AttentionKernel<TOps, TVector>
    where TOps : ISimd<TVector>
    where TVector : struct
{
    private const int Block = FloatKernels.QueryBlock;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Attend(in HeadQueries q, int queries, in HeadMemory head, int firstPosition, float* output, long outputStride, float* scratch)
    {
        var panel = 2 * TOps.Lanes;
        var alignment = FloatKernels.Alignment(TOps.Lanes);
        var (length, dim, dimPairs) = (head.Length, head.Dim, head.DimPairs);
        var factors = stackalloc float[Block];
        for (var first = 0; first < queries; first += Block)
        {
            var rows = Math.Min(Block, queries - first);
            var visible = firstPosition < 0 ? length : Math.Min(length, firstPosition + first + Block);
            var padded = (visible + alignment - 1) / alignment * alignment;
            var weights = (short*)(scratch + ((long)Block * padded));
            var mixed = (float*)(weights + ((long)Block * padded));
            for (var k = 0; k < padded; k += panel)
                PairKernel<TOps, TVector>.Multiply(q.Codes + (first * q.Stride), q.Stride, dimPairs, head.Keys + ((long)k * 2 * dimPairs), 2 * panel, scratch + k, padded);
            for (var r = 0; r < rows; r++)
            {
                var seen = firstPosition < 0 ? length : Math.Min(length, firstPosition + first + r + 1);
                factors[r] = Weigh(scratch + ((long)r * padded), seen, padded, q.Scale(first + r), head, weights + ((long)r * padded));
            }
            for (var d = 0; d < dim; d += panel)
            {
                PairKernel<TOps, TVector>.Multiply(weights, padded, (visible + 1) / 2, head.Values + (2 * d), 2 * head.ValueStride, mixed, panel);
                for (var r = 0; r < rows; r++)
                    Scale(mixed + (r * panel), factors[r], Math.Min(panel, dim - d), output + ((first + r) * outputStride) + d);
            }
        }
    }

    /// <summary>
    /// From int32 scores to int16 weights of the values' codes: softmax, times the values' scales, in units of their sum / 32767, so that all weights together are at most
    /// that and half a unit of rounding each. What is not seen gets none, and the largest score's exponential is 1.
    /// </summary>
    /// <returns>What the mix of codes is to be multiplied by.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Weigh(float* scores, int seen, int padded, float queryScale, in HeadMemory head, short* weights)
    {
        for (var i = 0; i < padded; i += TOps.Lanes)
            TOps.Store(TOps.Multiply(TOps.ToSingle(TOps.Load(scores + i)), TOps.Load(head.KeyScales + i)), scores + i);
        for (var i = seen; i < padded; i++)
            scores[i] = float.NegativeInfinity;
        var largest = TOps.Load(scores);
        for (var i = TOps.Lanes; i < padded; i += TOps.Lanes)
            largest = TOps.Max(largest, TOps.Load(scores + i));
        var (shift, factor, limit) = (TOps.Create(TOps.Largest(largest)), TOps.Create(queryScale), TOps.Create(VectorMath<TOps, TVector>.SmallestExponent));
        TVector s0 = TOps.Create(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
        for (var i = 0; i < padded; i += SixteenLanes<TOps, TVector>.Count)
        {
            Exponentiate(scores + i, head.ValueScales + i, shift, factor, limit, ref s0, ref t0);
            if (TOps.Lanes <= 8)
                Exponentiate(scores + i + TOps.Lanes, head.ValueScales + i + TOps.Lanes, shift, factor, limit, ref s1, ref t1);
            if (TOps.Lanes <= 4)
            {
                Exponentiate(scores + i + (2 * TOps.Lanes), head.ValueScales + i + (2 * TOps.Lanes), shift, factor, limit, ref s2, ref t2);
                Exponentiate(scores + i + (3 * TOps.Lanes), head.ValueScales + i + (3 * TOps.Lanes), shift, factor, limit, ref s3, ref t3);
            }
        }
        var all = SixteenLanes<TOps, TVector>.Sum(t0, t1, t2, t3);

        // Values of nothing but zeros have scales of zero.
        var units = TOps.Create(all >= ActivationQuantizer.Smallest ? short.MaxValue / all : 0);
        for (var i = 0; i < padded; i += TOps.Lanes)
            TOps.StoreInt16(TOps.Round(TOps.Multiply(TOps.Load(scores + i), units)), weights + i);
        return all / (short.MaxValue * SixteenLanes<TOps, TVector>.Sum(s0, s1, s2, s3));
    }

    // A vector of scores becomes exponentials, which are summed up, times the scales of their values, which are summed up too.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Exponentiate(float* scores, float* valueScales, TVector shift, TVector factor, TVector limit, ref TVector sum, ref TVector total)
    {
        var x = TOps.Multiply(TOps.Subtract(TOps.Load(scores), shift), factor);
        var e = TOps.ZeroBelow(VectorMath<TOps, TVector>.Exp(x), x, limit);
        sum = TOps.Add(sum, e);
        e = TOps.Multiply(e, TOps.Load(valueScales));
        TOps.Store(e, scores);
        total = TOps.Add(total, e);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale(float* sums, float factor, int count, float* output)
    {
        var vector = TOps.Create(factor);
        var i = 0;
        for (; i <= count - TOps.Lanes; i += TOps.Lanes)
            TOps.Store(TOps.Multiply(TOps.ToSingle(TOps.Load(sums + i)), vector), output + i);
        for (; i < count; i++)
            output[i] = ((int*)sums)[i] * factor;
    }
}
