namespace CompressionHost.Kernels.Tests;

/// <summary>
/// Other tests hold for every path the processor has, so they would pass where a path is missing. A run that is there for one path names it in
/// <c>EXPECT_KERNEL</c>, and fails if another would compute.
/// </summary>
public sealed class ExpectedPathTests
{
    private const string Variable = "EXPECT_KERNEL";

    /// <summary>Rows and columns of CLIP's layers: ViT-B/32, ViT-B/16 and ViT-L/14 with their text encoders, and a small student.</summary>
    public static TheoryData<int, int> Layers => new()
    {
        { 768, 768 }, { 3072, 768 }, { 768, 3072 }, { 512, 512 }, { 2048, 512 }, { 512, 2048 }, { 512, 768 }, { 1024, 1024 }, { 1024, 588 }, { 192, 192 }, { 128, 48 },
    };

    [Fact]
    public void The_expected_path_is_selected()
    {
        Assert.Equal(Expected(), KernelPaths.Name(KernelPaths.Selected));
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void Ternary_layers_of_CLIP_are_computed_on_the_expected_path(int rows, int columns)
    {
        var expected = Expected();
        var group = columns % 256 == 0 ? 256 : columns;
        var weights = TernaryWeights.Create(new sbyte[rows * columns], new Half[rows * ((columns + group - 1) / group)], rows, columns, group);
        using var product = new MatrixProduct(weights);
        Assert.Equal(expected, KernelPaths.Name(product.Implementation.Path));
        Assert.Contains(KernelTable.For(typeof(TernaryWeights)), k => KernelPaths.Name(k.Path) == expected && k.Takes(weights));
    }

    private static string Expected()
    {
        var expected = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(string.IsNullOrEmpty(expected), $"{Variable} names no path.");
        return expected!;
    }
}
