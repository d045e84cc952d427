namespace CompressionHost.Kernels.Tests;

/// <summary>Codes that are somebody's mapping are read to their last byte and no further; a kernel that reads on ends the test process.</summary>
public sealed unsafe class MappedTernaryTests
{
    [Theory]
    [InlineData(3, 20, 20)]
    [InlineData(7, 37, 37)]
    [InlineData(9, 60, 12)]
    [InlineData(16, 256, 256)]
    [InlineData(17, 300, 300)]
    [InlineData(33, 96, 96)]
    [InlineData(5, 1000, 1000)]
    [InlineData(130, 768, 256)]
    [InlineData(11, 330, 256)]
    [InlineData(2, 21, 7)]
    public void Every_kernel_stays_within_codes_that_end_with_the_readable_memory(int rows, int columns, int group)
    {
        Assert.SkipUnless(GuardedMemory.IsSupported, "Guard pages are made with Linux's mmap.");
        using var copy = RandomWeights.Ternary(rows, columns, group, seed: 3);
        using var memory = new GuardedMemory(new ReadOnlySpan<byte>(copy.Codes, rows * copy.RowBytes));
        var random = new Random(3);
        using var mapped = TernaryWeights.Map(memory.Bytes, RandomWeights.Scales(random, rows * copy.Groups), rows, columns, group);
        Assert.False(mapped.OwnsCodes);
        foreach (var tokens in new[] { 1, 2, 3, 5, 9 })
            ProductLaw.HoldsForEveryKernel(mapped, tokens);
    }
}
