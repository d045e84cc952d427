using System.Numerics;
using System.Runtime.InteropServices;

namespace CompressionHost.Plugins.Evaluation;

/// <summary>
/// Dot products of embeddings. A pair's result has the same bits from either method and whatever is computed beside it, so that equal scores are ties
/// everywhere.
/// </summary>
internal static class Similarity
{
    /// <summary>The dot product of two embeddings of one size.</summary>
    internal static float Dot(float[] a, float[] b)
    {
        var x = MemoryMarshal.Cast<float, Vector<float>>(a);
        var y = MemoryMarshal.Cast<float, Vector<float>>(b);
        var sum = Vector<float>.Zero;
        for (var i = 0; i < x.Length; i++)
            sum = Vector.FusedMultiplyAdd(x[i], y[i], sum);
        return Finish(sum, a, b);
    }

    /// <summary>The dot products of one embedding with consecutive others.</summary>
    /// <param name="query">The one.</param>
    /// <param name="candidates">The others.</param>
    /// <param name="scores">Receives one product a candidate.</param>
    internal static void Dots(float[] query, ReadOnlySpan<float[]> candidates, Span<float> scores)
    {
        var x = MemoryMarshal.Cast<float, Vector<float>>(query);
        var c = 0;
        // Four sums at once hide the latency of the additions; each is the sum Dot makes.
        for (; c <= candidates.Length - 4; c += 4)
        {
            var y0 = MemoryMarshal.Cast<float, Vector<float>>(candidates[c])[..x.Length];
            var y1 = MemoryMarshal.Cast<float, Vector<float>>(candidates[c + 1])[..x.Length];
            var y2 = MemoryMarshal.Cast<float, Vector<float>>(candidates[c + 2])[..x.Length];
            var y3 = MemoryMarshal.Cast<float, Vector<float>>(candidates[c + 3])[..x.Length];
            Vector<float> s0 = Vector<float>.Zero, s1 = s0, s2 = s0, s3 = s0;
            for (var i = 0; i < x.Length; i++)
            {
                s0 = Vector.FusedMultiplyAdd(x[i], y0[i], s0);
                s1 = Vector.FusedMultiplyAdd(x[i], y1[i], s1);
                s2 = Vector.FusedMultiplyAdd(x[i], y2[i], s2);
                s3 = Vector.FusedMultiplyAdd(x[i], y3[i], s3);
            }
            scores[c] = Finish(s0, query, candidates[c]);
            scores[c + 1] = Finish(s1, query, candidates[c + 1]);
            scores[c + 2] = Finish(s2, query, candidates[c + 2]);
            scores[c + 3] = Finish(s3, query, candidates[c + 3]);
        }
        for (; c < candidates.Length; c++)
            scores[c] = Dot(query, candidates[c]);
    }

    private static float Finish(Vector<float> sums, float[] a, float[] b)
    {
        var sum = 0f;
        for (var i = 0; i < Vector<float>.Count; i++)
            sum += sums[i];
        for (var i = a.Length - (a.Length % Vector<float>.Count); i < a.Length; i++)
            sum = MathF.FusedMultiplyAdd(a[i], b[i], sum);
        return sum;
    }
}
