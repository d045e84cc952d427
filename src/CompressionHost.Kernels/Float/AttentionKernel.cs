using System.Runtime.CompilerServices;

namespace CompressionHost.Kernels;

/// <summary>Attention of one head, six queries at a time: their scores, softmax and mix of values stay in the first-level cache.</summary>
internal static unsafe class AttentionKernel<TOps, TVector>
    where TOps : ISimd<TVector>
    where TVector : struct
{
    private const int Block = FloatKernels.QueryBlock;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Attend(
        float* q, long qStride, int queries, float* keys, float* values, int valueStride, int length, int dim, int firstPosition,
        float* output, long outputStride, float* scratch)
    {
        var panel = 2 * TOps.Lanes;
        var sums = stackalloc float[Block];
        for (var first = 0; first < queries; first += Block)
        {
            var rows = Math.Min(Block, queries - first);
            var visible = firstPosition < 0 ? length : Math.Min(length, firstPosition + first + Block);
            var padded = (visible + panel - 1) / panel * panel;
            var mixed = scratch + (long)Block * padded;
            for (var k = 0; k < padded; k += panel)
                BlockKernel<TOps, TVector>.Multiply(q + first * qStride, qStride, dim, keys + (long)k * dim, panel, scratch + k, padded);
            for (var r = 0; r < rows; r++)
            {
                var seen = firstPosition < 0 ? length : Math.Min(length, firstPosition + first + r + 1);
                sums[r] = Softmax(scratch + (long)r * padded, seen, padded);
            }
            for (var d = 0; d < dim; d += panel)
            {
                BlockKernel<TOps, TVector>.Multiply(scratch, padded, visible, values + d, valueStride, mixed, panel);
                for (var r = 0; r < rows; r++)
                    Scale(mixed + r * panel, 1 / sums[r], Math.Min(panel, dim - d), output + (first + r) * outputStride + d);
            }
        }
    }

    // Exponentials in place, not yet divided by their sum, which is returned: the mix of values is shorter than the row of scores. What is not seen
    // becomes zero, and the largest score's exponential is 1.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Softmax(float* scores, int seen, int padded)
    {
        for (var i = seen; i < padded; i++)
            scores[i] = float.NegativeInfinity;
        var largest = TOps.Load(scores);
        for (var i = TOps.Lanes; i < padded; i += TOps.Lanes)
            largest = TOps.Max(largest, TOps.Load(scores + i));
        var (shift, limit, sum) = (TOps.Create(TOps.Largest(largest)), TOps.Create(VectorMath<TOps, TVector>.SmallestExponent), TOps.Create(0));
        for (var i = 0; i < padded; i += TOps.Lanes)
        {
            var x = TOps.Subtract(TOps.Load(scores + i), shift);
            var e = TOps.ZeroBelow(VectorMath<TOps, TVector>.Exp(x), x, limit);
            TOps.Store(e, scores + i);
            sum = TOps.Add(sum, e);
        }
        return TOps.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale(float* values, float factor, int count, float* output)
    {
        var vector = TOps.Create(factor);
        var i = 0;
        for (; i <= count - TOps.Lanes; i += TOps.Lanes)
            TOps.Store(TOps.Multiply(TOps.Load(values + i), vector), output + i);
        for (; i < count; i++)
            output[i] = values[i] * factor;
    }
}
