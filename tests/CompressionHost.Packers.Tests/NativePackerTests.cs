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
        var path = Assert.Single(new NativePacker(new NativePackerOptions()).Pack(model, _folder.Path, TestContext.Current.CancellationToken));
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
        var estimate = new NativePacker(new NativePackerOptions()).EstimateBytes(Planned.From(model), model.Assets);
        var actual = new FileInfo(new NativePacker(new NativePackerOptions()).Pack(model, _folder.Path, TestContext.Current.CancellationToken)[0]).Length;
        Assert.InRange(estimate, actual * 0.98, actual * 1.02);
    }

    [Theory]
    [InlineData(NativeStorage.Base3, "base3")]
    [InlineData(NativeStorage.Entropy, "entropy")]
    public void A_smaller_storage_holds_the_same_model(NativeStorage storage, string name)
    {
        var codes = new sbyte[64 * 512];
        var random = new Random(1);
        foreach (ref var code in codes.AsSpan())
            code = random.Next(10) < 7 ? (sbyte)0 : (sbyte)1;
        var scales = new Half[128];
        Array.Fill(scales, Half.One);
        var model = new CompressedModel("clip", [new("w", new QuantizedTensor(QuantizationScheme.Ternary, [64, 512], 256, codes, scales))], new Dictionary<string, byte[]>());
        var packer = new NativePacker(new NativePackerOptions { Storage = storage });
        using var file = NativePackageFile.Open(packer.Pack(model, _folder.Path, TestContext.Current.CancellationToken)[0]);
        Assert.Equal(name, file.Tensors[0].Storage);
        Samples.AssertEqual(model, file.Read());
        Assert.InRange(file.FileBytes, 1, packer.EstimateBytes(Planned.From(model), model.Assets) + 64);
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
        var bytes = new NativePacker(new NativePackerOptions()).EstimateBytes(plan, assets);
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
