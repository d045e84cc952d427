using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using CompressionHost.Plugins.Packers;

namespace CompressionHost.Packers.Tests;

public sealed class HuggingFacePackerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(WeightType.Auto, ElementType.Float32)]
    [InlineData(WeightType.Float32, ElementType.Float32)]
    [InlineData(WeightType.Float16, ElementType.Float16)]
    public void Weights_are_scale_times_code_in_the_type_asked_for(WeightType asked, ElementType expected)
    {
        var model = Samples.Model(4);
        AssertDequantized(model, expected, exact: expected == ElementType.Float32, Pack(model, asked));
    }

    [Fact]
    public void Ternary_and_binary_weights_are_exact_in_float16_and_auto_knows()
    {
        var all = Samples.Model(4);
        var model = all with { Tensors = [.. all.Tensors.Where(t => t.Quantized is null or { Scheme.Levels: <= 3 })] };
        AssertDequantized(model, ElementType.Float16, exact: true, Pack(model, WeightType.Auto));
    }

    [Theory]
    [InlineData(WeightType.Auto)]
    [InlineData(WeightType.Float16)]
    public void The_plan_knows_the_size_exactly(WeightType type)
    {
        var model = Samples.Model(9);
        var estimate = new HuggingFacePacker(new HuggingFacePackerOptions { Type = type }).EstimateBytes(Planned.From(model), model.Assets);
        Assert.Equal(Pack(model, type).Sum(f => new FileInfo(f).Length), estimate);
    }

    [Fact]
    public void A_tensor_larger_than_a_block_is_written_whole()
    {
        var random = new Random(2);
        var model = new CompressedModel("clip",
        [
            new("large.weight", Samples.Quantized(random, [700, 1000], 256, Samples.Int4)),
            new("dense", [3, 100_000], Samples.Halves(random, 300_000)),
        ], new Dictionary<string, byte[]>());
        AssertDequantized(model, ElementType.Float32, exact: true, Pack(model, WeightType.Auto));
    }

    [Theory]
    [InlineData("""{"model_type":"clip"}""", """{"model_type":"clip","torch_dtype":"float16"}""")]
    [InlineData("""{"torch_dtype":"float32","dtype":"float32","text_config":{"torch_dtype":"float32","hidden_size":4},"n":[1,2.50]}""",
        """{"torch_dtype":"float16","dtype":"float16","text_config":{"torch_dtype":"float16","hidden_size":4},"n":[1,2.50]}""")]
    public void The_configuration_says_the_type_and_is_else_as_it_was(string config, string expected)
    {
        var model = new CompressedModel("clip", [], new Dictionary<string, byte[]> { ["config.json"] = Encoding.UTF8.GetBytes(config) });
        Pack(model, WeightType.Float16);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(File.ReadAllText(_folder["config.json"]))));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"a":1,"a":2}""")]
    public void A_configuration_that_is_not_an_object_is_named(string config)
    {
        var model = new CompressedModel("clip", [], new Dictionary<string, byte[]> { ["config.json"] = Encoding.UTF8.GetBytes(config) });
        Assert.Contains("config.json", Assert.Throws<InvalidInputException>(() => Pack(model, WeightType.Auto)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_beyond_float16_is_named()
    {
        var tensor = new QuantizedTensor(Samples.Int4, [1, 2], 2, [7, -7], [(Half)30_000]);
        var model = new CompressedModel("clip", [new("big.weight", tensor)], new Dictionary<string, byte[]>());
        Assert.Contains("'big.weight'", Assert.Throws<InvalidInputException>(() => Pack(model, WeightType.Float16)).Message, StringComparison.Ordinal);
        AssertDequantized(model, ElementType.Float32, exact: true, Pack(model, WeightType.Auto));
    }

    [Fact]
    public void Other_assets_are_copied()
    {
        var model = Samples.Model(6);
        var files = Pack(model, WeightType.Auto);
        Assert.Equal(["model.safetensors", "config.json", "empty.txt", "random.bin"], files.Select(Path.GetFileName));
        Assert.Equal(model.Assets["random.bin"], File.ReadAllBytes(_folder["random.bin"]));
    }

    private IReadOnlyList<string> Pack(CompressedModel model, WeightType type) =>
        new HuggingFacePacker(new HuggingFacePackerOptions { Type = type }).Pack(model, _folder.Path, TestContext.Current.CancellationToken);

    private static void AssertDequantized(CompressedModel model, ElementType type, bool exact, IReadOnlyList<string> files)
    {
        using var file = SafetensorsFile.Open(files[0]);
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal(model.Tensors.Select(t => t.Name), file.Entries.Select(e => e.Name));
        foreach (var tensor in model.Tensors)
        {
            var entry = file.Find(tensor.Name)!;
            Assert.Equal(type, entry.Type);
            Assert.Equal(tensor.Shape, entry.Shape);
            var expected = new float[entry.Count];
            if (tensor.Quantized is { } q)
                q.Dequantize(expected);
            else
                HalfFloats.Widen(tensor.Dense, expected);
            if (!exact)
                expected = [.. expected.Select(v => (float)(Half)v)];
            var actual = new float[entry.Count];
            file.ReadFloat32(entry, actual);
            Assert.Equal(MemoryMarshal.Cast<float, int>(expected).ToArray(), MemoryMarshal.Cast<float, int>(actual).ToArray());
        }
    }
}
