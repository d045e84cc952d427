using CompressionHost.Kernels;

namespace CompressionHost.Inference.Tests;

public class RehearsalTests
{
    private static readonly string[] Layouts = [CodeLayouts.Packed1, CodeLayouts.Packed2, CodeLayouts.Packed4, CodeLayouts.Int8];

    public static TheoryData<KernelPath, string> All =>
        new(KernelPaths.Supported.SelectMany(path => Layouts, (path, layout) => (path, layout)));

    [Theory]
    [MemberData(nameof(All))]
    public async Task It_runs_to_its_end_once_a_process(KernelPath path, string layout)
    {
        var begun = Rehearsal.Begin(path, layout);
        Assert.Same(begun, Rehearsal.Begin(path, layout));
        await begun;
        Assert.True(begun.IsCompletedSuccessfully);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void It_takes_the_kernels_that_a_model_takes(KernelPath path, string layout)
    {
        using var tower = new RehearsalTower(path, layout, ClipActivation.Gelu);
        using var product = new MatrixProduct(LargeWeight(layout), path);
        Assert.Equal(product.Kernel, tower.Projection.Kernel);
        foreach (var layer in tower.Layers)
            Assert.Equal(product.Kernel, layer.Kernel);
    }

    // The feed-forward weight of a ViT-B.
    private static PackedWeights LargeWeight(string layout)
    {
        const int Rows = 3072;
        const int Columns = 768;
        const int Group = 256;
        var codes = new sbyte[Rows * Columns];
        Array.Fill(codes, (sbyte)1);
        var scales = new Half[Rows * Columns / Group];
        return layout switch
        {
            CodeLayouts.Packed1 => BinaryWeights.Create(codes, scales, Rows, Columns, Group),
            CodeLayouts.Packed2 => TernaryWeights.Create(codes, scales, Rows, Columns, Group),
            CodeLayouts.Packed4 => Int4Weights.Create(codes, scales, Rows, Columns, Group),
            CodeLayouts.Int8 => Int8Weights.Create(codes, scales, Rows, Columns, Group),
            _ => throw new ArgumentOutOfRangeException(nameof(layout)),
        };
    }
}
