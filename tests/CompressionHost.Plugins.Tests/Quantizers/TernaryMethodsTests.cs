using System.ComponentModel.DataAnnotations;
using CompressionHost.Plugins.Quantizers;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Tests;

/// <summary>The methods of a ternary scale against numbers worked out by hand from their papers' equations.</summary>
public sealed class TernaryMethodsTests
{
    private static readonly float[] Slopes = [1, 2, 3, 4];

    public static TheoryData<TernaryScaleMethod> Methods => [.. Enum.GetValues<TernaryScaleMethod>()];

    [Fact]
    public void Twn_takes_the_mean_of_the_weights_above_its_threshold()
    {
        // mean|w| = 0.5, threshold 0.35, scale (1 + 0.8) / 2 = 0.9.
        var q = Quantize(TernaryScaleMethod.Twn, 1, -0.8f, 0.1f, 0.1f);
        Assert.Equal([(Half)0.9f], q.Scales);
        Assert.Equal(new sbyte[] { 1, -1, 0, 0 }, q.Codes);
    }

    [Fact]
    public void The_code_of_twn_follows_its_threshold_where_zero_would_be_nearer()
    {
        // mean|w| = 1, threshold 0.7, scale (3 + 0.8) / 2 = 1.9: 0.8 is nearer to 0 and has the code 1 all the same.
        var q = Quantize(TernaryScaleMethod.Twn, 3, 0.8f, 0.2f, 0);
        Assert.Equal([(Half)1.9f], q.Scales);
        Assert.Equal(new sbyte[] { 1, 1, 0, 0 }, q.Codes);
        var again = new sbyte[4];
        var values = new float[4];
        q.Dequantize(values);
        TernaryCodes.Encode(values, 4, 4, q.Scales, again);
        Assert.Equal(q.Codes, again);
    }

    [Fact]
    public void Absmean_is_a_factor_of_one()
    {
        // mean|w| = 1: 0.5 / 1 is a tie and rounds to 0.
        var q = Quantize(TernaryScaleMethod.Absmean, 1, -2, 0.5f, 0.5f);
        Assert.Equal([(Half)1f], q.Scales);
        Assert.Equal(new sbyte[] { 1, -1, 0, 0 }, q.Codes);
    }

    [Fact]
    public void Lsq_starts_from_twice_the_mean_magnitude()
    {
        using var w = Row(1, -2, 0.5f, 0.5f);
        using var scales = Of(TernaryScaleMethod.Lsq).InitialScales(w);
        Assert.Equal([2f], scales.data<float>().ToArray());
        using var other = Of(TernaryScaleMethod.Lsq, factor: 1.5).InitialScales(w);
        Assert.Equal([1.5f], other.data<float>().ToArray());
    }

    [Theory]
    [InlineData(1.0, new[] { 1f, 2f, 0f, 4f }, 2.7f / 2)]
    [InlineData(0.5, new[] { 1f, 2f, 1.5f, 4f }, 2.7f / 4)]
    public void Gradients_of_lsq(double ramp, float[] ofWeight, float ofScale)
    {
        // x = w / s: codes 0, -1, 1, 0; 1.5 is beyond the clip. To the scale: (0 - 0.3) 1 + (-1 + 0.8) 2 + 1 * 3 + (0 + 0.1) 4 = 2.7, over sqrt(4).
        AssertGradients(TernaryScaleMethod.Lsq, 1, ramp, [0, -1, 1, 0], ofWeight, ofScale);
    }

    [Theory]
    [InlineData(1.0, new[] { 1f, 2f, 0f, 4f }, 2.8f / 2)]
    [InlineData(0.25, new[] { 1f, 2f, 2.25f, 4f }, 2.8f / 8)]
    public void Gradients_of_seq(double ramp, float[] ofWeight, float ofAlpha)
    {
        // alpha 1.5, x = 0.2, -8/15, 1, -1/15; round(1.5 clip(x)) = 0, -1, 1, 0 and each code stands for 2/3 alpha = 1. To alpha:
        // (0 - 0.2) 1 + (-2/3 + 8/15) 2 + 1 * 3 + (0 + 1/15) 4 = 2.8, over sqrt(4).
        AssertGradients(TernaryScaleMethod.Seq, 1.5f, ramp, [0, -1, 1, 0], ofWeight, ofAlpha);
    }

    [Fact]
    public void Seq_is_the_function_of_its_paper_and_starts_from_the_largest_magnitude()
    {
        using var scope = torch.NewDisposeScope();
        var w = TernaryQuantizerTests.Normal([6, 256], seed: 2);
        var quantizer = Of(TernaryScaleMethod.Seq);
        var alpha = quantizer.InitialScales(w);
        TernaryQuantizerTests.AssertSameBits(w.abs().amax([1]), alpha);
        var x = (w / alpha.unsqueeze(1)).clamp(-0.99f, 0.99f);
        var codes = (x * 1.5f).round();
        Assert.Equal(codes.data<float>().ToArray().Select(c => (sbyte)c), quantizer.Quantize(w, alpha).Codes);
        var expected = codes / 1.5f * alpha.unsqueeze(1);
        Assert.True((expected - quantizer.FakeQuantize(w, alpha, 1)).abs().max().item<float>() < 1e-3f * alpha.max().item<float>());
    }

    [Fact]
    public void The_dead_zone_bias_is_the_sum_of_the_weights_whose_code_is_zero()
    {
        // absmean of the first row: scale 1, codes 1, -1, 0, 0; dead 0.5 + 0.4. Second row: scale 0.5, codes 0, 0, 1, -1; dead 0.2 - 0.1.
        using var scope = torch.NewDisposeScope();
        var w = torch.tensor(new[] { 1.1f, -2, 0.5f, 0.4f, 0.2f, -0.1f, 0.8f, -0.9f }).reshape(2, 4).requires_grad_();
        var quantizer = new TernaryQuantizer(new TernaryOptions { Scale = new TernaryScaleOptions { Method = TernaryScaleMethod.Absmean }, DeadZoneBias = 0.1 });
        var bias = quantizer.OutputBias(w, null);
        AssertClose([0.09f, 0.01f], bias);
        AssertClose([0.045f, 0.005f], quantizer.OutputBias(w, null, 0.5));
        (bias * torch.tensor(new[] { 10f, 20f })).sum().backward();
        AssertClose([0, 0, 1, 1, 2, 2, 0, 0], w.grad!);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_weight_that_is_not_finite_is_refused_with_a_way_out(TernaryScaleMethod method)
    {
        using var scope = torch.NewDisposeScope();
        var quantizer = Of(method);
        foreach (var value in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            var w = TernaryQuantizerTests.Normal([2, 256], seed: 1);
            w[1, 7] = torch.tensor(value);
            Assert.Contains("float16", Assert.Throws<InvalidInputException>(() => quantizer.Quantize(w)).Message, StringComparison.Ordinal);
            Assert.Throws<InvalidInputException>(() => quantizer.FakeQuantize(w));
            if (quantizer.LearnsScales)
                Assert.Throws<InvalidInputException>(() => quantizer.Quantize(w, torch.ones(2)));
        }
        if (!quantizer.LearnsScales)
            return;
        var right = torch.ones(2, 256);
        foreach (var scale in new[] { float.NaN, float.PositiveInfinity, 1e5f })
            Assert.Throws<InvalidInputException>(() => quantizer.Quantize(right, torch.tensor(new[] { 1, scale })));
        Assert.Throws<ArgumentException>(() => quantizer.Quantize(right, torch.ones(3)));
    }

    [Fact]
    public void Only_methods_with_a_factor_take_one()
    {
        foreach (var method in Enum.GetValues<TernaryScaleMethod>())
        {
            var options = new TernaryScaleOptions { Method = method, Factor = 1.5 };
            var faults = options.Validate(new ValidationContext(options)).ToList();
            Assert.Equal(method is TernaryScaleMethod.Factor or TernaryScaleMethod.Lsq, faults.Count == 0);
        }
        Assert.Throws<InvalidOperationException>(() => Of(TernaryScaleMethod.Twn).InitialScales(torch.ones(1, 4)));
    }

    private static void AssertGradients(TernaryScaleMethod method, float parameter, double ramp, float[] values, float[] ofWeight, float ofScale)
    {
        using var scope = torch.NewDisposeScope();
        var w = Row(0.3f, -0.8f, 1.5f, -0.1f).requires_grad_();
        var scales = torch.tensor(new[] { parameter }).requires_grad_();
        var fake = Of(method).FakeQuantize(w, scales, ramp);
        AssertClose([.. values.Zip(w.data<float>().ToArray(), (q, x) => x + ((float)ramp * (q - x)))], fake);
        (fake * torch.tensor(Slopes)).sum().backward();
        AssertClose(ofWeight, w.grad!);
        AssertClose([ofScale], scales.grad!);
    }

    private static void AssertClose(float[] expected, torch.Tensor actual)
    {
        var values = actual.detach().reshape(-1).data<float>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        for (var i = 0; i < values.Length; i++)
            Assert.Equal(expected[i], values[i], 1e-5f);
    }

    private static TernaryQuantizer Of(TernaryScaleMethod method, double? factor = null) =>
        new(new TernaryOptions { Scale = new TernaryScaleOptions { Method = method, Factor = factor } });

    private static QuantizedTensor Quantize(TernaryScaleMethod method, params float[] weights)
    {
        using var w = Row(weights);
        return Of(method).Quantize(w);
    }

    private static torch.Tensor Row(params float[] weights) => torch.tensor(weights).reshape(1, weights.Length);
}
