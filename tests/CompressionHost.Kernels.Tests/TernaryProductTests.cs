namespace CompressionHost.Kernels.Tests;

/// <summary>Every kernel of this machine computes the same product as the definition, bit for bit.</summary>
public sealed class TernaryProductTests
{
    /// <summary>Tokens, rows, columns, group: CLIP's shapes in small, and every kind of ragged edge.</summary>
    public static TheoryData<int, int, int, int> Shapes => new()
    {
        { 1, 1, 1, 1 }, { 1, 128, 256, 256 }, { 4, 128, 256, 256 }, { 5, 130, 512, 256 }, { 9, 257, 768, 256 }, { 3, 64, 192, 192 }, { 7, 100, 100, 100 },
        { 2, 33, 300, 300 }, { 2, 65, 1000, 1000 }, { 6, 96, 384, 128 }, { 6, 40, 320, 64 }, { 3, 20, 300, 7 }, { 13, 129, 600, 256 }, { 70, 140, 512, 512 },
        { 5, 48, 1024, 512 }, { 5, 128, 512, 256 }, { 9, 256, 768, 256 }, { 13, 128, 320, 64 }, { 9, 128, 700, 700 }, { 6, 37, 300, 12 }, { 3, 21, 252, 28 }, { 4, 19, 202, 4 }, { 2, 18, 1500, 700 }, { 43, 17, 96, 48 },
        { 1, 19, 4500, 4500 }, { 2, 9, 9000, 9000 }, { 2, 5, 192, 96 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_kernel_computes_the_defined_product_bit_for_bit(int tokens, int rows, int columns, int group)
    {
        foreach (var saturated in new[] { false, true })
        {
            using var weights = RandomWeights.Ternary(rows, columns, group, seed: 1, saturated);
            ProductLaw.HoldsForEveryKernel(weights, tokens, saturated);
        }
    }

    [Fact]
    public void Scratch_memory_for_many_tokens_suffices_for_fewer()
    {
        using var weights = RandomWeights.Ternary(20, 3072, 256, seed: 1);
        foreach (var kernel in KernelTable.For(typeof(TernaryWeights)).Where(k => k.Takes(weights)))
        {
            for (var tokens = 1; tokens < 400; tokens++)
                Assert.True(kernel.ScratchBytes(weights, tokens) <= kernel.ScratchBytes(weights, tokens + 1), $"{kernel.Name}, {tokens} tokens");
        }
    }

    [Theory]
    [InlineData(1, 130, 130, 130, 256)]
    [InlineData(6, 130, 130, 130, 512)]
    [InlineData(7, 130, 64, 130, 512)]
    [InlineData(5, 768, 768, 768, 256)]
    [InlineData(4, 2000, 2000, 2000, 256)]
    public void Weights_multiplied_together_keep_their_own_products(int tokens, int first, int second, int third, int columns)
    {
        using var a = RandomWeights.Ternary(first, columns, 256, seed: 1);
        using var b = RandomWeights.Ternary(second, columns, 256, seed: 2);
        using var c = RandomWeights.Ternary(third, columns, 256, seed: 3);
        ProductLaw.HoldsForWeightsTogether([a, b, c], tokens);
    }
}
