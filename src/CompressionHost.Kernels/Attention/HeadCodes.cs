using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CompressionHost.Kernels;

/// <summary>Queries, keys and values of all heads of a token to int16 codes, and codes to where attention reads them.</summary>
internal static unsafe class HeadCodes<TOps, TVector>
    where TOps : ISimd<TVector>
    where TVector : struct
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(float* x, int heads, int dim, int most, short* codes, float* scales, long scaleStride)
    {
        for (var head = 0; head < heads; head++)
        {
            scales[head * scaleStride] = Quantize(x, dim, most, codes);
            x += dim;
            codes += FloatKernels.HeadStride(dim);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void StoreKey(short* codes, int heads, int dim, short* keys, long keyStride, int key)
    {
        var panel = 2 * TOps.Lanes;
        var pairs = FloatKernels.HeadStride(dim) / 2;
        var lane = key % panel;
        keys += ((long)(key / panel) * pairs * 2 * panel) + (lane / TOps.Lanes * 2 * TOps.Lanes) + (lane % TOps.Lanes * TOps.PairStep);
        for (var head = 0; head < heads; head++)
        {
            var to = keys + (head * keyStride);
            for (var p = 0; p < pairs; p++)
            {
                if (TOps.PairSecond == 1)
                {
                    *(int*)to = *(int*)codes;
                }
                else
                {
                    to[0] = codes[0];
                    to[TOps.PairSecond] = codes[1];
                }
                codes += 2;
                to += 2 * panel;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void StoreValue(short* codes, int heads, int dim, short* values, long valueStride, int rowStride, int key)
    {
        values += ((long)(key / 2) * 2 * rowStride) + (key % 2 * TOps.PairSecond);
        for (var head = 0; head < heads; head++)
        {
            for (var d = 0; d < dim; d++)
                values[(d / TOps.Lanes * 2 * TOps.Lanes) + (d % TOps.Lanes * TOps.PairStep)] = codes[d];
            codes += FloatKernels.HeadStride(dim);
            values += valueStride;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void StoreValues(short* codes, short* next, int heads, int dim, short* values, long valueStride, int rowStride, int key)
    {
        if (TOps.PairSecond != 1 || dim % Vector128<short>.Count != 0)
        {
            StoreValue(codes, heads, dim, values, valueStride, rowStride, key);
            StoreValue(next, heads, dim, values, valueStride, rowStride, key + 1);
            return;
        }
        values += (long)(key / 2) * 2 * rowStride;
        for (var head = 0; head < heads; head++)
        {
            var to = (uint*)(values + (head * valueStride));
            for (var d = 0; d < dim; d += Vector128<short>.Count)
            {
                var (low, high) = Vector128.Widen(Vector128.Load((ushort*)codes + d));
                var (nextLow, nextHigh) = Vector128.Widen(Vector128.Load((ushort*)next + d));
                (low | (nextLow << 16)).Store(to + d);
                (high | (nextHigh << 16)).Store(to + d + Vector128<uint>.Count);
            }
            codes += dim;
            next += dim;
        }
    }

    /// <summary>
    /// <c>code = round(x * (most / max|x|))</c>, ties to even. As in <see cref="ActivationQuantizer"/> every width of vector gives the same codes, and a head that is zero
    /// gives codes and a scale of 0. A NaN gives codes without meaning.
    /// </summary>
    /// <returns>The scale.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Quantize(float* x, int dim, int most, short* codes)
    {
        var largest = 0f;
        var d = 0;
        if (dim >= TOps.Lanes)
        {
            var magnitudes = TOps.Abs(TOps.Load(x));
            for (d = TOps.Lanes; d <= dim - TOps.Lanes; d += TOps.Lanes)
                magnitudes = TOps.Max(magnitudes, TOps.Abs(TOps.Load(x + d)));
            largest = TOps.Largest(magnitudes);
        }
        for (; d < dim; d++)
            largest = MathF.Max(largest, MathF.Abs(x[d]));
        if (dim % 2 != 0)
            codes[dim] = 0;
        if (!(largest >= ActivationQuantizer.Smallest))
        {
            new Span<short>(codes, dim).Clear();
            return 0;
        }
        var inverse = most / largest;
        var factor = TOps.Create(inverse);
        for (d = 0; d <= dim - TOps.Lanes; d += TOps.Lanes)
            TOps.StoreInt16(TOps.Round(TOps.Multiply(TOps.Load(x + d), factor)), codes + d);
        for (; d < dim; d++)
            codes[d] = (short)MathF.Round(x[d] * inverse);
        return largest / most;
    }
}
