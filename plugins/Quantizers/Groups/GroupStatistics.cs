using System.Numerics;
using System.Runtime.InteropServices;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>Extremes of a group of weights. They do not depend on the order in which weights are looked at, so results repeat on any machine.</summary>
internal static class GroupStatistics
{
    private const int Magnitude = 0x7FFFFFFF;

    /// <summary>The largest magnitude; NaN where a weight is NaN. Magnitudes are ordered as the integers of the same bits, above which NaNs lie.</summary>
    internal static float LargestMagnitude(ReadOnlySpan<float> group)
    {
        var bits = MemoryMarshal.Cast<float, int>(group);
        var vectors = MemoryMarshal.Cast<int, Vector<int>>(bits);
        var largest = Vector<int>.Zero;
        foreach (var v in vectors)
            largest = Vector.Max(largest, v & new Vector<int>(Magnitude));
        var most = 0;
        for (var i = 0; i < Vector<int>.Count; i++)
            most = Math.Max(most, largest[i]);
        foreach (var b in bits[(vectors.Length * Vector<int>.Count)..])
            most = Math.Max(most, b & Magnitude);
        return BitConverter.Int32BitsToSingle(most);
    }

    /// <summary>The smallest and the largest of the weights and 0; both NaN where a weight is NaN.</summary>
    internal static (float Min, float Max) RangeWithZero(ReadOnlySpan<float> group)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(group);
        var (low, high) = (Vector<float>.Zero, Vector<float>.Zero);
        foreach (var v in vectors)
            (low, high) = (Vector.Min(low, v), Vector.Max(high, v));
        var (min, max) = (0f, 0f);
        for (var i = 0; i < Vector<float>.Count; i++)
            (min, max) = (Math.Min(min, low[i]), Math.Max(max, high[i]));
        foreach (var w in group[(vectors.Length * Vector<float>.Count)..])
            (min, max) = (Math.Min(min, w), Math.Max(max, w));
        return (min, max);
    }
}
