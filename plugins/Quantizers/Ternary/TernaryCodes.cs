using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>
/// The arithmetic of ternary quantization over one group of weights. A weight's code is the sign of w where |w| exceeds half the
/// scale and 0 elsewhere: clamp(round(w / s), -1, 1) with ties to even, computed as a comparison because s / 2 is exact in float32 and
/// w / s is not. Every result is a function of the weights alone, whatever the vector width, so that it repeats on any machine.
/// </summary>
public static class TernaryCodes
{
    private const int StackFloats = 512;

    /// <summary>The scale of a group: factor * mean|w| in float32, rounded to float16 because that is how it is stored.</summary>
    /// <param name="group">The weights of the group, at least one.</param>
    /// <param name="factor">Factor on the mean absolute weight.</param>
    /// <returns>Not negative; 0 where all weights are 0 or the scale is below float16's smallest value. Not finite where a weight is not finite or the scale exceeds 65504.</returns>
    public static Half Scale(ReadOnlySpan<float> group, float factor) => (Half)(AbsoluteMean(group) * factor);

    /// <summary>The magnitude a weight must exceed for a code other than 0: half the scale, and infinity for a scale of 0, whose codes are all 0.</summary>
    public static float Threshold(float scale) => scale == 0 ? float.PositiveInfinity : scale * 0.5f;

    /// <summary>Codes of weights whose scales are given. Encoding <c>scale * code</c> with the same scales gives the same codes.</summary>
    /// <param name="weights">Row-major weights, whole rows.</param>
    /// <param name="rowLength">Weights in a row.</param>
    /// <param name="groupSize">Weights that share a scale; the last group of a row may be shorter.</param>
    /// <param name="scales">One scale a group, row-major, not negative.</param>
    /// <param name="codes">Receives one code a weight: -1, 0 or 1.</param>
    /// <exception cref="ArgumentException">The lengths do not belong together.</exception>
    public static void Encode(ReadOnlySpan<float> weights, int rowLength, int groupSize, ReadOnlySpan<Half> scales, Span<sbyte> codes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(groupSize, 1);
        var groupsPerRow = (rowLength + groupSize - 1) / groupSize;
        if (weights.Length % rowLength != 0 || scales.Length != (long)(weights.Length / rowLength) * groupsPerRow || codes.Length < weights.Length)
        {
            throw new ArgumentException(
                $"{weights.Length} weights in rows of {rowLength}, {scales.Length} scales and {codes.Length} codes do not belong together.", nameof(weights));
        }
        for (var g = 0; g < scales.Length; g++)
        {
            var start = (g / groupsPerRow * rowLength) + (g % groupsPerRow * groupSize);
            var length = Math.Min(groupSize, rowLength - (g % groupsPerRow * groupSize));
            EncodeGroup(weights.Slice(start, length), Threshold((float)scales[g]), codes.Slice(start, length));
        }
    }

    /// <summary>mean|w| of a group; not finite where a weight is not.</summary>
    internal static float AbsoluteMean(ReadOnlySpan<float> group) => AbsoluteSum(group) / group.Length;

    /// <summary>Mean of the magnitudes that exceed a threshold; 0 where none does.</summary>
    internal static float AbsoluteMeanAbove(ReadOnlySpan<float> group, float threshold)
    {
        var above = ArrayPool<float>.Shared.Rent(group.Length);
        var count = 0;
        for (var i = 0; i < group.Length; i++)
        {
            var exceeds = MathF.Abs(group[i]) > threshold;
            above[i] = exceeds ? group[i] : 0;
            count += exceeds ? 1 : 0;
        }
        var mean = AbsoluteSum(above.AsSpan(0, group.Length)) / Math.Max(1, count);
        ArrayPool<float>.Shared.Return(above);
        return mean;
    }

    /// <summary>Whether no weight is NaN or infinite.</summary>
    internal static bool AllFinite(ReadOnlySpan<float> group)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(group);
        // 0 times a number is 0, and NaN where the number is not finite; NaN stays in the sum.
        var sum = Vector<float>.Zero;
        foreach (var v in vectors)
            sum += v * Vector<float>.Zero;
        var rest = Vector.Sum(sum);
        for (var i = vectors.Length * Vector<float>.Count; i < group.Length; i++)
            rest += group[i] * 0;
        return rest == 0;
    }

    /// <summary>Codes of one group.</summary>
    internal static void EncodeGroup(ReadOnlySpan<float> group, float threshold, Span<sbyte> codes)
    {
        for (var i = 0; i < group.Length; i++)
            codes[i] = (sbyte)((group[i] > threshold ? 1 : 0) - (group[i] < -threshold ? 1 : 0));
    }

    /// <summary>w + lambda (Q(w) - w) of one group; Q(w) itself, bit for bit, for lambda 1.</summary>
    internal static void FakeQuantizeGroup(ReadOnlySpan<float> group, float scale, float threshold, float lambda, Span<float> destination)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(group);
        var results = MemoryMarshal.Cast<float, Vector<float>>(destination);
        var (scales, thresholds, sign) = (new Vector<float>(scale), new Vector<float>(threshold), new Vector<float>(-0f));
        if (lambda == 1)
        {
            for (var v = 0; v < vectors.Length; v++)
                results[v] = Quantized(vectors[v]);
        }
        else
        {
            var lambdas = new Vector<float>(lambda);
            for (var v = 0; v < vectors.Length; v++)
                results[v] = vectors[v] + (lambdas * (Quantized(vectors[v]) - vectors[v]));
        }
        for (var i = vectors.Length * Vector<float>.Count; i < group.Length; i++)
        {
            var w = group[i];
            var q = MathF.Abs(w) > threshold ? MathF.CopySign(scale, w) : 0f;
            destination[i] = lambda == 1 ? q : w + (lambda * (q - w));
        }

        // The scale with the weight's sign where the weight exceeds the threshold, else +0.
        Vector<float> Quantized(Vector<float> w) =>
            Vector.AsVectorSingle(Vector.GreaterThan(Vector.Abs(w), thresholds)) & (scales | (w & sign));
    }

    // Adds the second half onto the first until one value is left: an order that needs no more than element-wise additions, so that
    // vectors of any width and tensors on any device give the same bits. An odd length leaves its middle value for the next round.
    private static float AbsoluteSum(ReadOnlySpan<float> values)
    {
        if (values.Length == 1)
            return MathF.Abs(values[0]);
        var half = (values.Length + 1) / 2;
        float[]? rented = null;
        var sums = half <= StackFloats ? stackalloc float[StackFloats] : rented = ArrayPool<float>.Shared.Rent(half);
        sums = sums[..half];
        var rest = values.Length - half;
        AddAbsolute(values[..rest], values[half..], sums);
        if (rest < half)
            sums[rest] = MathF.Abs(values[rest]);
        for (var length = half; length > 1; length = half)
        {
            half = (length + 1) / 2;
            Add(sums[..(length - half)], sums[half..length]);
        }
        var sum = sums[0];
        if (rented is not null)
            ArrayPool<float>.Shared.Return(rented);
        return sum;
    }

    private static void AddAbsolute(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> sums)
    {
        var i = 0;
        for (; i <= a.Length - Vector<float>.Count; i += Vector<float>.Count)
            (Vector.Abs(new Vector<float>(a[i..])) + Vector.Abs(new Vector<float>(b[i..]))).CopyTo(sums[i..]);
        for (; i < a.Length; i++)
            sums[i] = MathF.Abs(a[i]) + MathF.Abs(b[i]);
    }

    private static void Add(Span<float> sums, ReadOnlySpan<float> other)
    {
        var i = 0;
        for (; i <= other.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(sums[i..]) + new Vector<float>(other[i..])).CopyTo(sums[i..]);
        for (; i < other.Length; i++)
            sums[i] += other[i];
    }
}
