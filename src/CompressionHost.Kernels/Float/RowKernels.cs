using System.Runtime.CompilerServices;

namespace CompressionHost.Kernels;

/// <summary>What is done to one row at a time; see <see cref="FloatKernels"/>.</summary>
internal static unsafe class RowKernels<TOps, TVector>
    where TOps : ISimd<TVector>
    where TVector : struct
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float LayerNorm(float* x, float* gain, float* bias, int count, float epsilon, float* y)
    {
        var padded = FloatKernels.Pad(count);
        var mean = Sum(x, padded) / count;
        var inverse = 1 / MathF.Sqrt(SquaredDeviations(x, count, mean) / count + epsilon);
        var (shift, factor) = (TOps.Create(mean), TOps.Create(inverse));
        var largest = TOps.Create(0);
        for (var i = 0; i < padded; i += TOps.Lanes)
        {
            var value = TOps.Multiply(TOps.Subtract(TOps.Load(x + i), shift), factor);
            value = TOps.MultiplyAdd(value, TOps.Load(gain + i), TOps.Load(bias + i));
            TOps.Store(value, y + i);
            largest = TOps.Max(largest, TOps.Abs(value));
        }
        return TOps.Largest(largest);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Gelu(float* y, float scale, float* bias, int padded)
    {
        var factor = TOps.Create(scale);
        var largest = TOps.Create(0);
        for (var i = 0; i < padded; i += TOps.Lanes)
        {
            var value = VectorMath<TOps, TVector>.Gelu(TOps.MultiplyAdd(TOps.Load(y + i), factor, TOps.Load(bias + i)));
            TOps.Store(value, y + i);
            largest = TOps.Max(largest, TOps.Abs(value));
        }
        return TOps.Largest(largest);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float QuickGelu(float* y, float scale, float* bias, int padded)
    {
        var factor = TOps.Create(scale);
        var largest = TOps.Create(0);
        for (var i = 0; i < padded; i += TOps.Lanes)
        {
            var value = VectorMath<TOps, TVector>.QuickGelu(TOps.MultiplyAdd(TOps.Load(y + i), factor, TOps.Load(bias + i)));
            TOps.Store(value, y + i);
            largest = TOps.Max(largest, TOps.Abs(value));
        }
        return TOps.Largest(largest);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float LargestMagnitude(float* x, int padded)
    {
        var largest = TOps.Create(0);
        for (var i = 0; i < padded; i += TOps.Lanes)
            largest = TOps.Max(largest, TOps.Abs(TOps.Load(x + i)));
        return TOps.Largest(largest);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Quantize(float* x, int padded, float largest, sbyte* codes)
    {
        // Also where it is not a number.
        if (!(largest >= ActivationQuantizer.Smallest))
        {
            new Span<sbyte>(codes, padded).Clear();
            return 0;
        }
        var inverse = TOps.Create(ActivationQuantizer.Levels / largest);
        for (var i = 0; i < padded; i += TOps.Lanes)
            TOps.StoreInt8(TOps.Round(TOps.Multiply(TOps.Load(x + i), inverse)), codes + i);
        return largest / ActivationQuantizer.Levels;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddProduct(float* y, float scale, float* bias, int padded, float* sum)
    {
        var factor = TOps.Create(scale);
        for (var i = 0; i < padded; i += TOps.Lanes)
            TOps.Store(TOps.Add(TOps.Load(sum + i), TOps.MultiplyAdd(TOps.Load(y + i), factor, TOps.Load(bias + i))), sum + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScaleProduct(float* y, float scale, float* bias, int padded, float* result)
    {
        var factor = TOps.Create(scale);
        for (var i = 0; i < padded; i += TOps.Lanes)
            TOps.Store(TOps.MultiplyAdd(TOps.Load(y + i), factor, TOps.Load(bias + i)), result + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Sum(float* x, int padded)
    {
        TVector a = TOps.Create(0), b = a, c = a, d = a;
        for (var i = 0; i < padded; i += SixteenLanes<TOps, TVector>.Count)
        {
            a = TOps.Add(a, TOps.Load(x + i));
            if (TOps.Lanes <= 8)
                b = TOps.Add(b, TOps.Load(x + i + TOps.Lanes));
            if (TOps.Lanes <= 4)
            {
                c = TOps.Add(c, TOps.Load(x + i + (2 * TOps.Lanes)));
                d = TOps.Add(d, TOps.Load(x + i + (3 * TOps.Lanes)));
            }
        }
        return SixteenLanes<TOps, TVector>.Sum(a, b, c, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float SquaredDeviations(float* x, int count, float mean)
    {
        TVector a = TOps.Create(0), b = a, c = a, d = a, shift = TOps.Create(mean);
        var i = 0;
        for (; i <= count - SixteenLanes<TOps, TVector>.Count; i += SixteenLanes<TOps, TVector>.Count)
        {
            a = AddSquare(a, x + i, shift);
            if (TOps.Lanes <= 8)
                b = AddSquare(b, x + i + TOps.Lanes, shift);
            if (TOps.Lanes <= 4)
            {
                c = AddSquare(c, x + i + (2 * TOps.Lanes), shift);
                d = AddSquare(d, x + i + (3 * TOps.Lanes), shift);
            }
        }
        var sum = SixteenLanes<TOps, TVector>.Sum(a, b, c, d);
        for (; i < count; i++)
            sum += (x[i] - mean) * (x[i] - mean);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector AddSquare(TVector sum, float* x, TVector shift)
    {
        var difference = TOps.Subtract(TOps.Load(x), shift);
        return TOps.MultiplyAdd(difference, difference, sum);
    }
}
