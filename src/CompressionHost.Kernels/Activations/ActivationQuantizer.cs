using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels;

/// <summary>
/// One row of floats to int8: <c>code = round(x * (127 / max|x|))</c>, ties to even, <c>scale = max|x| / 127</c>. Each operation is one IEEE operation an
/// element and the maximum does not depend on the order, so every width of vector gives the same codes.
/// </summary>
internal static unsafe class ActivationQuantizer
{
    public const float Levels = 127;

    // 127 / x overflows below; such a row is zero for all purposes.
    public const float Smallest = 1e-30f;

    private const int MagnitudeBits = 0x7FFFFFFF;

    /// <returns>The scale; 0, with codes of 0, for a row that is zero or holds a NaN.</returns>
    public static float Quantize(float* values, int count, sbyte* codes)
    {
        var max = MaxMagnitude(values, count);
        if (!(max >= Smallest))
        {
            new Span<sbyte>(codes, count).Clear();
            return 0;
        }
        Round(values, count, Levels / max, codes);
        return max / Levels;
    }

    // Magnitudes order as their bit patterns do, and a NaN is above all of them: an integer maximum needs no care for it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float MaxMagnitude(float* values, int count)
    {
        var i = 0;
        var max = 0;
        if (Avx512F.IsSupported && count >= 2 * Vector512<int>.Count)
        {
            var mask = Vector512.Create(MagnitudeBits);
            var (a, b) = (Vector512<int>.Zero, Vector512<int>.Zero);
            for (; i <= count - (2 * Vector512<int>.Count); i += 2 * Vector512<int>.Count)
            {
                a = Avx512F.Max(a, Vector512.Load((int*)values + i) & mask);
                b = Avx512F.Max(b, Vector512.Load((int*)values + i + Vector512<int>.Count) & mask);
            }
            a = Avx512F.Max(a, b);
            var quarters = Vector128.Max(Vector128.Max(a.GetLower().GetLower(), a.GetLower().GetUpper()), Vector128.Max(a.GetUpper().GetLower(), a.GetUpper().GetUpper()));
            max = Math.Max(Math.Max(quarters[0], quarters[1]), Math.Max(quarters[2], quarters[3]));
        }
        else if (Vector.IsHardwareAccelerated && count >= Vector<int>.Count)
        {
            var mask = new Vector<int>(MagnitudeBits);
            var (a, b) = (Vector<int>.Zero, Vector<int>.Zero);
            for (; i <= count - 2 * Vector<int>.Count; i += 2 * Vector<int>.Count)
            {
                a = Vector.Max(a, Vector.Load((int*)values + i) & mask);
                b = Vector.Max(b, Vector.Load((int*)values + i + Vector<int>.Count) & mask);
            }
            a = Vector.Max(a, b);
            for (var lane = 0; lane < Vector<int>.Count; lane++)
                max = Math.Max(max, a[lane]);
        }
        for (; i < count; i++)
            max = Math.Max(max, ((int*)values)[i] & MagnitudeBits);
        return BitConverter.Int32BitsToSingle(max);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Round(float* values, int count, float inverse, sbyte* codes)
    {
        var i = 0;
        if (Avx512F.IsSupported)
        {
            // The conversion rounds as Math.Round does.
            var factor = Vector512.Create(inverse);
            for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count)
                Avx512F.ConvertToVector128SByteWithSaturation(Avx512F.ConvertToVector512Int32(Vector512.Load(values + i) * factor)).Store(codes + i);
        }
        else if (Vector.IsHardwareAccelerated)
        {
            var width = Vector<float>.Count;
            var factor = new Vector<float>(inverse);
            for (; i <= count - 4 * width; i += 4 * width)
            {
                var low = Vector.Narrow(Code(values + i, factor), Code(values + i + width, factor));
                var high = Vector.Narrow(Code(values + i + 2 * width, factor), Code(values + i + 3 * width, factor));
                Vector.Narrow(low, high).Store(codes + i);
            }
        }
        for (; i < count; i++)
            codes[i] = (sbyte)MathF.Round(values[i] * inverse);
    }

    // Within [-127, 127], where the processor's own conversion is exact.
    private static Vector<int> Code(float* values, Vector<float> factor) => Vector.ConvertToInt32Native(Vector.Round(Vector.Load(values) * factor));
}
