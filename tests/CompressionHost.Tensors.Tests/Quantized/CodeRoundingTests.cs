using FsCheck.Xunit;

namespace CompressionHost.Tensors.Tests;

public sealed class CodeRoundingTests
{
    private static readonly float[] Special = [0, -0f, float.Epsilon, -float.Epsilon, 1e-41f, 1e30f, -1e30f, float.MaxValue, float.MinValue];

    [Property(MaxTest = 500)]
    public void A_code_is_the_nearest_by_definition(int seed, byte scheme, ushort length)
    {
        var random = new Random(seed);
        var s = Samples.Schemes[scheme % Samples.Schemes.Length];
        var scale = (float)(Half)((random.NextDouble() - 0.3) * Math.Pow(10, random.Next(-7, 3)));
        var zero = s.HasZeroPoints ? random.Next(s.MinCode, s.MaxCode + 1) : 0;
        // Multiples of half a scale are ties.
        var weights = Enumerable.Range(0, 1 + length % 100).Select(_ => random.Next(3) switch
        {
            0 => random.Next(-40, 40) * scale / 2,
            1 => Special[random.Next(Special.Length)],
            _ => (float)(random.NextDouble() - 0.5) * 40 * scale,
        }).ToArray();
        var codes = new sbyte[weights.Length];
        CodeRounding.Nearest(s, weights, scale, zero, codes);
        var values = new float[weights.Length];
        CodeRounding.NearestValues(s, weights, scale, zero, values);
        for (var i = 0; i < weights.Length; i++)
        {
            Assert.Equal(Expected(s, weights[i], scale, zero), codes[i]);
            Assert.Equal(codes[i], CodeRounding.Nearest(s, weights[i], scale, zero));
            Assert.Equal(BitConverter.SingleToInt32Bits(scale * (codes[i] - zero)), BitConverter.SingleToInt32Bits(values[i]));
        }
    }

    [Property(MaxTest = 300)]
    public void Encoding_a_dequantized_tensor_with_its_own_scales_gives_the_same_codes(int seed, byte scheme, byte rows, ushort length, ushort group)
    {
        var (rowCount, rowLength) = (1 + rows % 5, 1 + length % 200);
        var tensor = Samples.Quantized(new Random(seed), [rowCount, rowLength], 1 + group % rowLength, Samples.Schemes[scheme % Samples.Schemes.Length]);
        var values = new float[tensor.Count];
        tensor.Dequantize(values);
        var again = CodeRounding.Nearest(tensor.Scheme, tensor.Shape, tensor.GroupSize, values, tensor.Scales, tensor.ZeroPoints);
        Assert.Equal(tensor.Codes, again.Codes);
    }

    [Fact]
    public void A_scale_of_zero_stands_for_zeros()
    {
        float[] weights = [1, -1, 0, -0f, 1e-40f];
        Assert.All(Codes(QuantizationScheme.Int4, 0), c => Assert.Equal(0, c));
        Assert.All(Codes(QuantizationScheme.Int4Asymmetric, 5), c => Assert.Equal(5, c));
        Assert.All(Codes(QuantizationScheme.Binary, 0), c => Assert.Equal(1, c));

        sbyte[] Codes(QuantizationScheme scheme, int zero)
        {
            var codes = new sbyte[weights.Length];
            CodeRounding.Nearest(scheme, weights, 0, zero, codes);
            return codes;
        }
    }

    [Fact]
    public void The_binary_code_of_a_zero_of_either_sign_is_one() =>
        Assert.Equal([1, 1, -1, 1], new[] { 0, -0f, -float.Epsilon, float.Epsilon }.Select(w => (int)CodeRounding.Nearest(QuantizationScheme.Binary, w, 0.5f, 0)));

    [Fact]
    public void What_is_not_finite_or_does_not_fit_is_refused()
    {
        var weights = new float[100];
        foreach (var bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            Assert.Throws<ArgumentException>(() => CodeRounding.Nearest(QuantizationScheme.Int4, weights, bad, 0, new sbyte[100]));
            foreach (var at in new[] { 0, 63, 99 })
            {
                weights[at] = bad;
                Assert.Throws<ArgumentException>(() => CodeRounding.Nearest(QuantizationScheme.Int4, weights, 1, 0, new sbyte[100]));
                weights[at] = 0;
            }
        }
        Assert.Throws<ArgumentException>(() => CodeRounding.Nearest(QuantizationScheme.Int4, weights, 1, 0, new sbyte[99]));
        Assert.Throws<ArgumentException>(() => CodeRounding.Nearest(QuantizationScheme.Int4Asymmetric, weights, 1, 16, new sbyte[100]));
        Assert.Throws<ArgumentException>(() => CodeRounding.Nearest(QuantizationScheme.Int4Asymmetric, [1, 100], 100, weights, [(Half)1]));
    }

    private static int Expected(QuantizationScheme scheme, float weight, float scale, int zero)
    {
        if (scheme == QuantizationScheme.Binary)
            return scale == 0 || (scale > 0 ? weight >= 0 : weight <= 0) ? 1 : -1;
        return scale == 0 ? zero : (int)Math.Clamp(MathF.Round(weight / scale) + zero, scheme.MinCode, scheme.MaxCode);
    }
}
