namespace CompressionHost.Kernels.Tests;

/// <summary>Every width of vector gives the codes of the definition, bit for bit.</summary>
public sealed unsafe class ActivationQuantizerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(64)]
    [InlineData(129)]
    [InlineData(768)]
    [InlineData(3075)]
    public void Codes_and_scale_are_those_of_the_definition(int count)
    {
        var random = new Random(count);
        for (var round = 0; round < 50; round++)
        {
            var values = new float[count];
            foreach (ref var value in values.AsSpan())
                value = (random.NextSingle() - 0.5f) * MathF.Pow(10, random.Next(-12, 12));
            // The largest is found wherever it is, whatever its sign.
            values[random.Next(count)] *= -4;
            Check(values);
        }
    }

    [Fact]
    public void Halves_round_to_even()
    {
        var values = Enumerable.Range(-127, 255).Select(i => i * 0.5f).ToArray();
        values[0] = 127;
        Check(values);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(9e-31f)]
    [InlineData(float.NaN)]
    public void A_row_without_magnitude_or_with_a_NaN_is_zero(float value)
    {
        for (var at = 0; at < 80; at += 13)
        {
            var values = new float[80];
            values.AsSpan().Fill(float.IsNaN(value) ? 1f : 0f);
            values[at] = value;
            var codes = new sbyte[80];
            codes.AsSpan().Fill(5);
            Assert.Equal(0f, Quantize(values, codes));
            Assert.All(codes, c => Assert.Equal(0, c));
        }
    }

    private static void Check(float[] values)
    {
        var max = values.Max(MathF.Abs);
        var expected = values.Select(v => max < 1e-30f ? (sbyte)0 : (sbyte)MathF.Round(v * (127f / max), MidpointRounding.ToEven)).ToArray();
        // One more, to see that nothing is written past the row.
        var codes = new sbyte[values.Length + 1];
        codes[^1] = 77;
        Assert.Equal(max < 1e-30f ? 0f : max / 127f, Quantize(values, codes.AsSpan(0, values.Length)));
        Assert.Equal(expected, codes[..^1]);
        Assert.Equal(77, codes[^1]);
    }

    private static float Quantize(float[] values, Span<sbyte> codes)
    {
        fixed (float* p = values)
        fixed (sbyte* q = codes)
            return ActivationQuantizer.Quantize(p, values.Length, q);
    }
}
