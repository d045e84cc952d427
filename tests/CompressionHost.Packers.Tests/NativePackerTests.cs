using CompressionHost.Abstractions;
using CompressionHost.Plugins.Packers;

namespace CompressionHost.Packers.Tests;

public sealed class NativePackerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_package_holds_the_model_exactly()
    {
        var model = Samples.Model(3);
        var path = Assert.Single(new NativePacker().Pack(model, _folder.Path, TestContext.Current.CancellationToken));
        Assert.Equal(_folder["model.chpkg"], path);
        using var file = NativePackageFile.Open(path);
        Samples.AssertEqual(model, file.Read());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_plan_knows_the_size(int seed)
    {
        var model = Samples.Model(seed);
        var estimate = new NativePacker().EstimateBytes(Planned.From(model), model.Assets);
        var actual = new FileInfo(new NativePacker().Pack(model, _folder.Path, TestContext.Current.CancellationToken)[0]).Length;
        Assert.InRange(estimate, actual * 0.98, actual * 1.02);
    }

    /// <summary>Both encoders and the token embedding ternary, groups of 256: the shapes of CLIP ViT-B/16.</summary>
    [Fact]
    public void Clip_vit_b_16_takes_less_than_a_fourteenth_of_float32()
    {
        var plan = Planned.ClipVitB16();
        var parameters = plan.Sum(t => t.Shape.Aggregate(1L, (a, d) => a * d));
        Assert.Equal(149_620_737, parameters);
        // 480 kB that do not compress: more than the merges of the published tokenizer.
        var assets = new Dictionary<string, byte[]> { ["merges.txt"] = new byte[480_000] };
        new Random(1).NextBytes(assets["merges.txt"]);
        var bytes = new NativePacker().EstimateBytes(plan, assets);
        Assert.True(bytes * 14 < parameters * 4, $"{bytes} bytes are a {parameters * 4.0 / bytes:F2}th.");
    }

    [Fact]
    public void The_plugin_registers_its_packers()
    {
        var registry = new RecordingRegistry();
        new PackersPlugin().Configure(registry);
        Assert.Equal(
            [
                ("native", typeof(IPacker), typeof(NativePacker)), ("huggingface", typeof(IPacker), typeof(HuggingFacePacker)),
                ("gguf", typeof(IPacker), typeof(GgufPacker)),
            ],
            registry.Stages);
    }
}
