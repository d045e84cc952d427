namespace CompressionHost.Kernels.Tests;

/// <summary>Products of floats: quantization is part of what threads do.</summary>
public sealed class MatrixProductTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(37, 1)]
    [InlineData(37, 2)]
    [InlineData(37, 4)]
    public void Floats_give_what_their_codes_give(int tokens, int threads)
    {
        var random = new Random(tokens);
        const int Rows = 200, Columns = 300;
        using var product = new MatrixProduct(TernaryWeights.Create(
            [.. Enumerable.Range(0, Rows * Columns).Select(_ => (sbyte)random.Next(-1, 2))], [.. Enumerable.Range(0, Rows * 2).Select(_ => (Half)random.NextSingle())], Rows, Columns, 256));
        var x = Enumerable.Range(0, tokens * Columns).Select(_ => random.NextSingle() - 0.5f).ToArray();
        var bias = Enumerable.Range(0, Rows).Select(_ => random.NextSingle()).ToArray();
        using var codes = new QuantizedActivations(tokens + 1, Columns);
        using var others = new QuantizedActivations(tokens, Columns);
        for (var t = 0; t < tokens; t++)
            codes.Quantize(t, x.AsSpan(t * Columns, Columns));
        var (expected, actual) = (new float[tokens * Rows], new float[tokens * Rows]);
        product.Multiply(codes, tokens, bias, expected);
        using var pool = new WorkerPool(threads);
        product.QuantizeAndMultiply(x, others, tokens, bias, actual, pool);
        Assert.Equal(expected, actual);
        Assert.Equal(codes.Row(tokens - 1), others.Row(tokens - 1));
        Assert.Throws<ArgumentException>(() => product.QuantizeAndMultiply(x.AsSpan(1), others, tokens, bias, actual, pool));
        Assert.Throws<ArgumentOutOfRangeException>(() => product.QuantizeAndMultiply(new float[(tokens + 1) * Columns], others, tokens + 1, bias, actual, pool));
    }
}
