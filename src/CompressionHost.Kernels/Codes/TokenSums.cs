using System.Runtime.Intrinsics;

namespace CompressionHost.Kernels;

/// <summary>Sums of a token's activations over each group: what takes the zero point out of a product of unsigned bytes.</summary>
internal static unsafe class TokenSums
{
    /// <summary>Writes <c>factor * sum of x[t, c] over group g</c> as [tokens, groups].</summary>
    public static void Compute(PackedWeights weights, sbyte* x, long xStride, int tokens, int factor, int* sums)
    {
        for (var t = 0; t < tokens; t++)
        {
            var token = x + t * xStride;
            for (var g = 0; g < weights.Groups; g++)
            {
                var start = g * weights.Group;
                *sums++ = factor * Sum(token + start, Math.Min(weights.Group, weights.Columns - start));
            }
        }
    }

    private static int Sum(sbyte* x, int count)
    {
        var c = 0;
        var sums = Vector128<int>.Zero;
        for (; c <= count - 16; c += 16)
        {
            // Two int8 fit int16 with room; four 32-bit lanes then add up.
            var (low, high) = Vector128.Widen(Vector128.Load(x + c));
            var (a, b) = Vector128.Widen(low + high);
            sums += a + b;
        }
        var sum = Vector128.Sum(sums);
        for (; c < count; c++)
            sum += x[c];
        return sum;
    }
}
