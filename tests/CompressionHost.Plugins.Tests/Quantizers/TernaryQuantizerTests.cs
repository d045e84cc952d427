using System.Runtime.InteropServices;
using CompressionHost.Plugins.Quantizers;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Tests;

public sealed class TernaryQuantizerTests
{
    private static readonly TernaryQuantizer Quantizer = new(new TernaryOptions());

    public static TheoryData<long[]> Shapes => new(
        [1, 1], [1, 255], [3, 256], [5, 257], [2, 768], [64, 3, 4, 4], [8, 3, 16, 16], [100, 128], [2, 1031], [7], [300, 1024]);

    [Fact]
    public void Scale_and_codes_of_a_group_worked_out_by_hand()
    {
        // mean|w| = (1 + 2 + 0.5 + 0.5) / 4 = 1, s = 2, the threshold 1: |w| = 1 is a tie and goes to the even code 0.
        var w = torch.tensor(new[] { 1f, -2f, 0.5f, 0.5f }).reshape(1, 4);
        var q = Quantizer.Quantize(w);
        Assert.Equal([(Half)2f], q.Scales);
        Assert.Equal(new sbyte[] { 0, -1, 0, 0 }, q.Codes);
    }

    [Theory]
    [InlineData(1.0, new sbyte[] { 1, -1, 0, 0 })] // s = 1, threshold 0.5
    [InlineData(0.9, new sbyte[] { 1, -1, 1, 1 })] // s = 0.9, threshold 0.45
    public void The_factor_moves_the_threshold(double factor, sbyte[] expected)
    {
        var quantizer = new TernaryQuantizer(new TernaryOptions { Scale = new TernaryScaleOptions { Factor = factor } });
        Assert.Equal(expected, quantizer.Quantize(torch.tensor(new[] { 1f, -2f, 0.5f, 0.5f }).reshape(1, 4)).Codes);
    }

    [Theory]
    [InlineData(new long[] { 10, 512 }, 256)]
    [InlineData(new long[] { 10, 300 }, 300)]
    [InlineData(new long[] { 10, 128 }, 128)]
    [InlineData(new long[] { 64, 3, 16, 16 }, 256)]
    [InlineData(new long[] { 64, 3, 4, 4 }, 48)]
    [InlineData(new long[] { 9 }, 1)]
    public void Rows_that_are_not_a_multiple_of_the_group_are_one_group(long[] shape, int expected) =>
        Assert.Equal(expected, Quantizer.GroupSize(shape));

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Tensor_operations_and_the_vector_pass_give_the_same_bits(long[] shape)
    {
        using var scope = torch.NewDisposeScope();
        foreach (var magnitude in new[] { 1f, 0.02f, 3e-7f, 1e-9f, 2e4f })
        {
            var w = Normal(shape, seed: 3) * magnitude;
            var groups = w.reshape(-1, Quantizer.GroupSize(shape));
            foreach (var (rule, method) in new (TernaryRule, TernaryScaleMethod)[] { (new FactorRule(2), TernaryScaleMethod.Factor), (new TwnRule(), TernaryScaleMethod.Twn) })
            {
                var (scales, thresholds) = rule.Fit(groups);
                foreach (var lambda in new[] { 1f, 0.3f })
                {
                    var ops = TernaryTensorOps.FakeQuantize(groups, scales, thresholds, lambda).reshape(shape);
                    AssertSameBits(ops, new TernaryQuantizer(new TernaryOptions { Scale = new TernaryScaleOptions { Method = method } }).FakeQuantize(w, lambda));
                }
            }
        }
    }

    [Fact]
    public void A_scale_does_not_depend_on_the_vector_width()
    {
        // The same halving order, one value at a time.
        var values = Normal([1, 1031], seed: 9).data<float>().ToArray();
        for (var n = 1; n <= values.Length; n++)
        {
            var sums = values.Take(n).Select(MathF.Abs).ToArray();
            for (int length = n, half; length > 1; length = half)
            {
                half = (length + 1) / 2;
                for (var i = 0; i < length - half; i++)
                    sums[i] += sums[half + i];
            }
            Assert.Equal((Half)(sums[0] / n * 2f), TernaryCodes.Scale(values.AsSpan(0, n), 2f));
        }
    }

    [Fact]
    public void Zeros_and_weights_below_float16_have_codes_of_zero()
    {
        // 2 * mean is 2e-9; float16 ends at 6e-8.
        foreach (var w in new[] { torch.zeros(2, 256), torch.full([2, 256], 1e-9f) })
        {
            var q = Quantizer.Quantize(w);
            Assert.All(q.Scales, s => Assert.Equal(BitConverter.HalfToUInt16Bits(Half.Zero), BitConverter.HalfToUInt16Bits(s)));
            Assert.Equal(q.Count, q.CountZeros());
            AssertSameBits(torch.zeros(2, 256), Quantizer.FakeQuantize(w));
        }
    }

    [Fact]
    public void A_subnormal_scale_is_used_as_it_is()
    {
        // 2 * 1e-6 = 2e-6 lies between multiples of 2^-24: 34 * 2^-24 = 2.0266e-6 is the nearest.
        var q = Quantizer.Quantize(torch.tensor(new[] { 2e-6f, 0f }).reshape(1, 2));
        Assert.Equal([(Half)(34 * MathF.Pow(2, -24))], q.Scales);
        Assert.Equal(new sbyte[] { 1, 0 }, q.Codes);
    }

    [Theory]
    [InlineData(40_000f)]
    [InlineData(float.MaxValue)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(float.NaN)]
    public void A_scale_beyond_float16_and_values_that_are_not_finite_are_refused(float value)
    {
        var w = torch.full([2, 256], value);
        Assert.Contains("65504", Assert.Throws<InvalidInputException>(() => Quantizer.Quantize(w)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidInputException>(() => Quantizer.FakeQuantize(w));
        Assert.Throws<InvalidInputException>(() => Quantizer.FakeQuantize(w.requires_grad_()));
    }

    [Fact]
    public void The_ramp_is_exact_at_both_ends_and_linear_between()
    {
        using var scope = torch.NewDisposeScope();
        var w = Normal([4, 300], seed: 5);
        AssertSameBits(w, Quantizer.FakeQuantize(w, 0));
        var q = Quantizer.FakeQuantize(w, 1);
        AssertSameBits(w + ((q - w) * 0.25f), Quantizer.FakeQuantize(w, 0.25));
        Assert.Throws<ArgumentOutOfRangeException>(() => Quantizer.FakeQuantize(w, 1.01));
        Assert.Throws<ArgumentOutOfRangeException>(() => Quantizer.FakeQuantize(w, double.NaN));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(1)]
    public void The_gradient_passes_unchanged(double ramp)
    {
        using var scope = torch.NewDisposeScope();
        var w = Normal([6, 256], seed: 6).requires_grad_();
        var slope = Normal([6, 256], seed: 7);
        (Quantizer.FakeQuantize(w, ramp) * slope).sum().backward();
        AssertSameBits(slope, w.grad!);
    }

    [Fact]
    public void A_transposed_weight_is_quantized_by_its_logical_rows()
    {
        using var scope = torch.NewDisposeScope();
        var w = Normal([256, 8], seed: 8).t();
        AssertSameBits(Quantizer.FakeQuantize(w.contiguous()), Quantizer.FakeQuantize(w));
        Assert.Equal(Quantizer.Quantize(w.contiguous()).Codes, Quantizer.Quantize(w).Codes);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new TernaryQuantizer(new TernaryOptions { Group = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TernaryQuantizer(new TernaryOptions { Scale = new TernaryScaleOptions { Factor = double.NaN } }));
    }

    [Fact]
    public void Only_float32_with_values_is_quantized()
    {
        Assert.Throws<ArgumentException>(() => Quantizer.Quantize(torch.zeros(2, 2, dtype: torch.ScalarType.Float16)));
        Assert.Throws<ArgumentException>(() => Quantizer.FakeQuantize(torch.zeros(0, 2)));
        Assert.Throws<ArgumentException>(() => Quantizer.FakeQuantize(torch.tensor(1f)));
    }

    internal static torch.Tensor Normal(long[] shape, long seed)
    {
        using var generator = new torch.Generator((ulong)seed);
        return torch.randn(shape, generator: generator);
    }

    internal static void AssertSameBits(torch.Tensor expected, torch.Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        using var scope = torch.NewDisposeScope();
        Assert.Equal(
            MemoryMarshal.Cast<byte, int>(expected.detach().contiguous().bytes).ToArray(),
            MemoryMarshal.Cast<byte, int>(actual.detach().contiguous().bytes).ToArray());
    }
}
