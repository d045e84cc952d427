using CompressionHost.Inference;
using CompressionHost.Plugins.Packers;

namespace CompressionHost.Packers.Tests;

public sealed class CompressedTensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, int> Schemes => new()
    {
        { "ternary", 32 }, { "binary", 32 }, { "int4", 32 }, { "int4-asymmetric", 32 }, { "int8", 32 }, { "int4-asymmetric", 256 }, { "int8", 512 },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Another_reader_finds_the_weights_of_the_model(string scheme, int group)
    {
        var model = TernaryClip.Model(3, Scheme(scheme), group);
        Pack(model);
        using var read = new CompressedTensorsFolder(_folder.Path);
        foreach (var tensor in model.Tensors)
            Assert.Equal(Values(tensor), read.Weight(tensor.Name));
        // The token table and the patch convolution are no linear layers.
        var linear = model.Tensors.Where(t => t.Quantized is not null && t.Shape.Count == 2 && t.Name != ClipLayout.TokenEmbedding);
        Assert.Equal(linear.Select(t => t.Name[..^".weight".Length]).Order(StringComparer.Ordinal), read.Packed.Order(StringComparer.Ordinal));
        Assert.Contains(ClipLayout.TokenEmbedding, read.Names);
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void The_plan_knows_the_size_exactly(string scheme, int group)
    {
        var model = TernaryClip.Model(3, Scheme(scheme), group);
        var files = Pack(model);
        Assert.Equal(files.Sum(f => new FileInfo(f).Length), Packer().EstimateBytes(Planned.From(model), model.Assets));
    }

    [Fact]
    public void Rows_that_are_no_whole_words_are_padded()
    {
        var random = new Random(4);
        var model = Model(new CompressedTensor("a.weight", Samples.Quantized(random, [5, 13], 13, QuantizationScheme.Int4Asymmetric)));
        Pack(model);
        using var read = new CompressedTensorsFolder(_folder.Path);
        Assert.Equal(Values(model.Tensors[0]), read.Weight("a.weight"));
    }

    [Fact]
    public void A_shorter_last_group_is_refused_by_name()
    {
        var model = Model(new CompressedTensor("a.weight", Samples.Quantized(new Random(1), [2, 70], 32, QuantizationScheme.Int4)));
        var e = Assert.Throws<InvalidInputException>(() => Pack(model));
        Assert.Contains("'a.weight'", e.Message, StringComparison.Ordinal);
        Assert.Contains("format: dequantized", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Zero_points_of_more_than_four_bits_are_refused_by_name()
    {
        var wide = new QuantizationScheme("wide", -128, 127) { HasZeroPoints = true };
        var e = Assert.Throws<InvalidInputException>(() => Pack(Model(new CompressedTensor("a.weight", Samples.Quantized(new Random(1), [2, 32], 32, wide)))));
        Assert.Contains("'wide'", e.Message, StringComparison.Ordinal);
    }

    private static QuantizationScheme Scheme(string name) => name switch
    {
        "ternary" => QuantizationScheme.Ternary,
        "binary" => QuantizationScheme.Binary,
        "int4" => QuantizationScheme.Int4,
        "int4-asymmetric" => QuantizationScheme.Int4Asymmetric,
        _ => QuantizationScheme.Int8,
    };

    private static CompressedModel Model(CompressedTensor tensor) =>
        new("clip", [tensor], new Dictionary<string, byte[]> { ["config.json"] = "{\"model_type\":\"clip\"}"u8.ToArray() });

    private static HuggingFacePacker Packer() => new(new HuggingFacePackerOptions { Format = HuggingFaceFormat.CompressedTensors });

    private IReadOnlyList<string> Pack(CompressedModel model) => Packer().Pack(model, _folder.Path, TestContext.Current.CancellationToken);

    private static float[] Values(CompressedTensor tensor)
    {
        if (tensor.Dense is { } dense)
            return Array.ConvertAll(dense, h => (float)h);
        var values = new float[tensor.Quantized!.Count];
        tensor.Quantized.Dequantize(values);
        return values;
    }
}
