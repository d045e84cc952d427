namespace CompressionHost.Kernels.Tests;

/// <summary>Attention of every width of vector against its definition: that of the floats within the error of their codes, that of the codes to float32 rounding.</summary>
public sealed unsafe class AttentionTests
{
    private static readonly (int Length, int Dim)[] Shapes = [(1, 8), (2, 1), (5, 7), (16, 16), (33, 64), (70, 40), (50, 3)];

    public static TheoryData<KernelPath> Paths => [.. KernelPaths.Supported];

    [Theory]
    [MemberData(nameof(Paths))]
    public void Attention_is_that_of_the_definition(KernelPath path)
    {
        foreach (var (length, dim) in Shapes)
        {
            foreach (var causal in (bool[])[false, true])
            {
                var c = new Case(length, 2, dim, seed: 1);
                // Codes of scores have 12 bits or more, weights and values 15; magnitudes are at most 2.
                Equal(c.Expected(c.Q, c.K, c.V, causal), c.Run(FloatKernels.For(path), causal), 2e-3);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Of_codes_attention_is_exact_but_for_the_softmax(KernelPath path)
    {
        foreach (var (length, dim) in Shapes)
        {
            foreach (var causal in (bool[])[false, true])
            {
                var c = new Case(length, 2, dim, seed: 2);
                var most = FloatKernels.MostOfScores(dim);
                var (q, k, v) = (c.Rounded(c.Q, most), c.Rounded(c.K, most), c.Rounded(c.V, short.MaxValue));
                // A weight is off by half of 1 / 32767 at most, and so many of them are added.
                Equal(c.Expected(q, k, v, causal), c.Run(FloatKernels.For(path), causal), (2e-5 + (length * 0.5 / short.MaxValue)) * 2);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void The_largest_codes_do_not_overflow(KernelPath path)
    {
        foreach (var dim in (int[])[1, 2, 64, 80, 257])
        {
            var c = new Case(97, 1, dim, seed: 3);
            Array.Fill(c.Q, 3f);
            Array.Fill(c.K, 3f);
            Array.Fill(c.V, -5f);
            // Keys are alike, so all weights are, and the mix is the value itself.
            Assert.All(c.Run(FloatKernels.For(path), causal: false), y => Assert.Equal(-5, y, 1e-2));
            // A key that is the query's opposite has no part in it.
            Array.Fill(c.K, -3f, 0, dim);
            Array.Fill(c.V, 5f, 0, dim);
            Array.Fill(c.Q, 9f);
            Assert.All(c.Run(FloatKernels.For(path), causal: false), y => Assert.Equal(dim < 2 ? y : -5, y, 1e-2));
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Zeros_attend_to_all_alike_and_give_zeros(KernelPath path)
    {
        var c = new Case(21, 2, 16, seed: 4);
        Array.Clear(c.Q);
        var mean = c.Expected(c.Q, c.K, c.V, causal: false);
        Equal(mean, c.Run(FloatKernels.For(path), causal: false), 1e-3);
        Array.Clear(c.K);
        Equal(mean, c.Run(FloatKernels.For(path), causal: false), 1e-3);
        Array.Clear(c.V);
        Assert.All(c.Run(FloatKernels.For(path), causal: false), y => Assert.Equal(0, y));
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_result_does_not_depend_on_the_other_queries(KernelPath path)
    {
        var (c, kernels) = (new Case(40, 2, 24, seed: 5), FloatKernels.For(path));
        foreach (var causal in (bool[])[false, true])
        {
            var together = c.Run(kernels, causal);
            for (var first = 1; first < 40; first += 6)
                Assert.Equal(together[(first * 48)..], c.Run(kernels, causal, first));
        }
    }

    [Fact]
    public void Codes_are_the_same_on_every_path()
    {
        foreach (var (_, dim) in Shapes)
        {
            var c = new Case(9, 3, dim, seed: 6);
            c.Q[dim] = 1e-36f;
            Array.Clear(c.Q, 0, dim);
            var (expected, scales) = Codes(FloatKernels.For(KernelPath.Portable), c, dim);
            foreach (var path in KernelPaths.Supported)
            {
                var (codes, others) = Codes(FloatKernels.For(path), c, dim);
                Assert.Equal(expected, codes);
                Assert.Equal(scales, others);
            }
            Assert.All(expected[..FloatKernels.HeadStride(dim)], code => Assert.Equal(0, code));
        }
    }

    private static (short[] Codes, float[] Scales) Codes(FloatKernels kernels, Case c, int dim)
    {
        var (codes, scales) = (new short[3 * FloatKernels.HeadStride(dim)], new float[3]);
        Array.Fill(codes, short.MinValue);
        fixed (float* x = c.Q, s = scales)
        fixed (short* to = codes)
            kernels.QuantizeHeads(x, 3, dim, 1000, to, s, 1);
        for (var head = 0; head < 3; head++)
        {
            var values = c.Q[(head * dim)..((head + 1) * dim)];
            Assert.Equal(values.Max(Math.Abs) < 1e-30f ? 0 : values.Max(Math.Abs) / 1000, scales[head]);
            Assert.All(values.Zip(codes[(head * FloatKernels.HeadStride(dim))..]), p => Assert.InRange(Math.Abs(p.First - (scales[head] * p.Second)), 0, Math.Max(0.501f * scales[head], 1e-30f)));
        }
        return (codes, scales);
    }

    private static void Equal(double[] expected, float[] actual, double tolerance)
    {
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], tolerance);
    }

    /// <summary>Random queries, keys and values, token by token and head by head.</summary>
    private sealed class Case(int length, int heads, int dim, int seed)
    {
        private readonly int _width = heads * dim;

        public float[] Q { get; } = Random(length * heads * dim, seed, 4);

        public float[] K { get; } = Random(length * heads * dim, seed + 100, 4);

        public float[] V { get; } = Random(length * heads * dim, seed + 200, 4);

        /// <summary>The values that codes stand for, head by head.</summary>
        public float[] Rounded(float[] x, int most)
        {
            var result = x.ToArray();
            for (var start = 0; start < x.Length; start += dim)
            {
                var largest = x.AsSpan(start, dim).ToArray().Max(Math.Abs);
                for (var d = start; d < start + dim; d++)
                    result[d] = MathF.Round(x[d] * (most / largest)) * (largest / most);
            }
            return result;
        }

        public double[] Expected(float[] q, float[] k, float[] v, bool causal)
        {
            var y = new double[length * _width];
            for (var t = 0; t < length; t++)
            {
                for (var head = 0; head < heads; head++)
                {
                    var (at, seen) = ((t * _width) + (head * dim), causal ? t + 1 : length);
                    var weights = Enumerable.Range(0, seen)
                        .Select(j => Math.Exp(Enumerable.Range(0, dim).Sum(d => (double)q[at + d] * k[(j * _width) + (head * dim) + d]) / Math.Sqrt(dim))).ToArray();
                    for (var d = 0; d < dim; d++)
                        y[at + d] = Enumerable.Range(0, seen).Sum(j => weights[j] * v[(j * _width) + (head * dim) + d]) / weights.Sum();
                }
            }
            return y;
        }

        public float[] Run(FloatKernels kernels, bool causal, int first = 0)
        {
            var (panel, alignment, stride) = (kernels.Panel, kernels.KeyAlignment, FloatKernels.HeadStride(dim));
            var padded = (length + alignment - 1) / alignment * alignment;
            var row = (dim + panel - 1) / panel * panel;
            var most = FloatKernels.MostOfScores(dim);
            var (keys, values) = (new short[heads * padded * stride], new short[heads * padded * row]);
            // What pads the keys is never to be seen.
            Array.Fill(keys, (short)most);
            Array.Fill(values, short.MaxValue);
            var (keyScales, valueScales) = (new float[heads * padded], new float[heads * padded]);
            Array.Fill(keyScales, 1000f);
            Array.Fill(valueScales, 1000f);
            var (codes, scales) = (new short[(length + FloatKernels.QueryBlock) * heads * stride], new float[length * heads]);
            var scratch = new float[kernels.AttentionScratch(length)];
            var y = new float[(length - first) * _width];
            fixed (float* q = Q, k = K, v = V, ks = keyScales, vs = valueScales, qs = scales, s = scratch, output = y)
            fixed (short* kc = keys, vc = values, qc = codes)
            {
                var two = stackalloc short[2 * heads * stride];
                for (var t = 0; t < length; t++)
                {
                    kernels.QuantizeHeads(q + (t * _width), heads, dim, most, qc + (t * heads * stride), qs + (t * heads), 1);
                    kernels.QuantizeHeads(k + (t * _width), heads, dim, most, two, ks + t, padded);
                    kernels.StoreKey(two, heads, dim, kc, padded * stride, t);
                }
                for (var t = 0; t < length; t++)
                {
                    kernels.QuantizeHeads(v + (t * _width), heads, dim, short.MaxValue, two, vs + t, padded);
                    // Some pairs together and some one by one.
                    if (t % 4 == 2 && t + 1 < length)
                    {
                        kernels.QuantizeHeads(v + ((t + 1) * _width), heads, dim, short.MaxValue, two + (heads * stride), vs + t + 1, padded);
                        kernels.StoreValues(two, two + (heads * stride), heads, dim, vc, padded * row, row, t++);
                    }
                    else
                    {
                        kernels.StoreValue(two, heads, dim, vc, padded * row, row, t);
                    }
                }
                for (var i = 0; i < scales.Length; i++)
                    qs[i] /= MathF.Sqrt(dim);
                for (var head = 0; head < heads; head++)
                {
                    kernels.Attend(
                        new HeadQueries(qc + (((first * heads) + head) * stride), heads * stride, qs + (first * heads) + head, heads), length - first,
                        new HeadMemory(kc + (head * padded * stride), ks + (head * padded), vc + (head * padded * row), vs + (head * padded), row, length, dim),
                        causal ? first : -1, output + (head * dim), _width, s);
                }
            }
            return y;
        }

        private static float[] Random(int count, int seed, float range)
        {
            var random = new Random(seed);
            return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * range)];
        }
    }
}
