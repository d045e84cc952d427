using System.Runtime.InteropServices;

namespace CompressionHost.Kernels.Tests;

/// <summary>The float kernels of every width against their definitions in float64.</summary>
public sealed unsafe class FloatKernelsTests
{
    public static TheoryData<KernelPath> Paths => [.. KernelPaths.Supported];

    [Theory]
    [MemberData(nameof(Paths))]
    public void Gelu_has_float32_accuracy(KernelPath path)
    {
        var kernels = FloatKernels.For(path);
        // Half a unit in the last place of x is what rounding costs, and the rational function may cost one more.
        Check(x => x * Cumulative(x), (y, n) => kernels.Gelu(y, 1, Zeros, n), x => 1.8e-7 * Math.Max(0.5, Math.Abs(x)));
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Quick_gelu_has_float32_accuracy(KernelPath path)
    {
        var kernels = FloatKernels.For(path);
        Check(x => x / (1 + Math.Exp(-1.702 * x)), (y, n) => kernels.QuickGelu(y, 1, Zeros, n), x => 3e-7 * Math.Max(0.5, Math.Abs(x)));
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Products_are_scaled_and_biased_before_the_activation(KernelPath path)
    {
        var kernels = FloatKernels.For(path);
        var (x, bias) = (Random(48, 1), Random(48, 2));
        var expected = x.Zip(bias, (a, b) => (a * 0.25) + b).ToArray();
        var y = x.ToArray();
        fixed (float* values = y, offsets = bias)
        {
            var largest = kernels.Gelu(values, 0.25f, offsets, 48);
            Assert.Equal(y.Max(Math.Abs), largest);
        }
        Assert.All(expected.Zip(y), p => Assert.Equal(p.First * Cumulative(p.First), p.Second, 5e-7));
        var sum = x.ToArray();
        fixed (float* values = x, offsets = bias, total = sum)
            kernels.AddProduct(values, 0.25f, offsets, 48, total);
        Assert.All(expected.Zip(x.Zip(sum)), p => Assert.Equal(p.Second.First + p.First, p.Second.Second, 1e-6));
        fixed (float* values = x, offsets = bias, result = sum)
            kernels.ScaleProduct(values, 0.25f, offsets, 48, result);
        Assert.All(expected.Zip(sum), p => Assert.Equal(p.First, p.Second, 1e-6));
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Layer_normalization_is_that_of_the_definition(KernelPath path)
    {
        var kernels = FloatKernels.For(path);
        foreach (var count in (int[])[1, 7, 16, 24, 31, 33, 768])
        {
            var padded = FloatKernels.Pad(count);
            var (x, gain, bias) = (Padded(Random(count, 1), padded), Padded(Random(count, 2), padded), Padded(Random(count, 3), padded));
            var mean = x.Take(count).Average(v => (double)v);
            var deviation = Math.Sqrt(x.Take(count).Average(v => (v - mean) * (v - mean)) + 1e-5);
            var y = new float[padded];
            fixed (float* input = x, g = gain, b = bias, output = y)
                Assert.Equal(kernels.LayerNorm(input, g, b, count, 1e-5f, output), y.Max(Math.Abs));
            for (var i = 0; i < padded; i++)
                Assert.Equal(i < count ? ((x[i] - mean) / deviation * gain[i]) + bias[i] : 0, y[i], 2e-6);
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Codes_are_those_of_the_definition_bit_for_bit(KernelPath path)
    {
        var kernels = FloatKernels.For(path);
        foreach (var factor in (float[])[1, 1e-20f, 1e-35f, 1e30f, 0])
        {
            var x = Random(768, 5).Select((v, i) => i % 64 == 0 ? MathF.Round(v * 127) / 127 * factor : v * factor).ToArray();
            var (expected, codes) = (new sbyte[768], new sbyte[768]);
            fixed (float* values = x)
            fixed (sbyte* e = expected, c = codes)
            {
                var scale = ActivationQuantizer.Quantize(values, 768, e);
                Assert.Equal(scale, kernels.Quantize(values, 768, kernels.LargestMagnitude(values, 768), c));
            }
            Assert.Equal(expected, codes);
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Dot_products_do_not_depend_on_the_block(KernelPath path)
    {
        var kernels = FloatKernels.For(path);
        var (x, w) = (Random(9 * 80, 1), Random(11 * 80, 2));
        var (together, one) = (new float[9 * 11], new float[1]);
        fixed (float* input = x, weights = w, y = together, single = one)
        {
            kernels.Dot(input, 80, 9, weights, 80, 11, 80, y, 11);
            for (var t = 0; t < 9; t++)
            {
                for (var r = 0; r < 11; r++)
                {
                    kernels.Dot(input + (t * 80), 80, 1, weights + (r * 80), 80, 1, 80, single, 1);
                    Assert.Equal(one[0], together[(t * 11) + r]);
                    Assert.Equal(Enumerable.Range(0, 80).Sum(i => (double)x[(t * 80) + i] * w[(r * 80) + i]), one[0], 1e-5);
                }
            }
        }
    }

    private static float* Zeros { get; } = (float*)NativeMemory.AllocZeroed(4096, sizeof(float));

    private delegate float Kernel(float* y, int count);

    private static void Check(Func<double, double> function, Kernel kernel, Func<double, double> tolerance)
    {
        var x = Enumerable.Range(0, 4096).Select(i => (i - 2048) / 64f).ToArray();
        var y = x.ToArray();
        fixed (float* values = y)
            kernel(values, y.Length);
        for (var i = 0; i < x.Length; i++)
            Assert.Equal(function(x[i]), y[i], tolerance(x[i]));
    }

    // Simpson's rule from where the integral is nothing in float64.
    private static double Cumulative(double x)
    {
        if (x > 0)
            return 1 - Cumulative(-x);
        var from = Math.Min(x, 0) - 9;
        const int Steps = 2000;
        var (h, sum) = ((x - from) / Steps, 0.0);
        for (var i = 0; i <= Steps; i++)
            sum += (i is 0 or Steps ? 1 : i % 2 == 1 ? 4 : 2) * Math.Exp(-Math.Pow(from + (i * h), 2) / 2);
        return sum * h / 3 / Math.Sqrt(2 * Math.PI);
    }

    private static float[] Random(int count, int seed, float range = 4)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * range)];
    }

    private static float[] Padded(float[] values, int count) => [.. values, .. new float[count - values.Length]];
}
