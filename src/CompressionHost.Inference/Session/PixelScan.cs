using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CompressionHost.Inference;

/// <summary>Looks for pixels that no image has.</summary>
internal static class PixelScan
{
    // All bits of the exponent are set where a value is infinite or not a number.
    private const int Exponent = 0x7F800000;

    /// <summary>Index of the first value that is not finite; -1 where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int IndexOfNonFinite(ReadOnlySpan<float> pixels)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<int>>(pixels);
        var largest = Vector<int>.Zero;
        foreach (var bits in vectors)
            largest = Vector.Max(largest, bits & new Vector<int>(Exponent));
        var first = Vector.EqualsAny(largest, new Vector<int>(Exponent)) ? 0 : vectors.Length * Vector<int>.Count;
        for (var i = first; i < pixels.Length; i++)
        {
            if (!float.IsFinite(pixels[i]))
                return i;
        }
        return -1;
    }
}
