namespace CompressionHost.Onnx.Tests;

/// <summary>ONNX Runtime computes what TorchSharp does with the same weights.</summary>
public sealed class AgreementTests : IDisposable
{
    private const int Count = 4;
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<OnnxWeightType, ClipActivation, int> Cases
    {
        get
        {
            var cases = new TheoryData<OnnxWeightType, ClipActivation, int>();
            foreach (var type in Enum.GetValues<OnnxWeightType>())
            {
                cases.Add(type, ClipActivation.QuickGelu, SmallClip.Config.Text.EndToken);
                cases.Add(type, ClipActivation.Gelu, ClipTextConfig.LegacyEndToken);
            }
            return cases;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Embeddings_are_those_of_TorchSharp(OnnxWeightType type, ClipActivation activation, int endToken)
    {
        var config = SmallClip.Config with { Activation = activation, Text = SmallClip.Config.Text with { EndToken = endToken } };
        var model = SmallClip.Model(config);
        var (pixels, tokens) = (SmallClip.Pixels(config, Count), SmallClip.Tokens(config, Count));
        var expected = Embeddings.ByTorch(model, pixels, tokens, Count);
        new OnnxPacker(new OnnxPackerOptions { Type = type }).Pack(model, _folder.Path, TestContext.Current.CancellationToken);
        using var session = new OnnxBackend().Open(_folder.Path, threads: 1);
        var actual = Embeddings.Of(session, pixels, tokens, Count);
        var least = type == OnnxWeightType.Float32 ? 0.999999 : 0.999;
        Assert.InRange(Embeddings.LeastCosine(expected.Images, actual.Images, config.EmbeddingSize), least, 1.000001);
        Assert.InRange(Embeddings.LeastCosine(expected.Texts, actual.Texts, config.EmbeddingSize), least, 1.000001);
        Assert.Equal(Math.Exp((double)model.Tensors[0].Dense![0]), session.LogitScale, 1e-3);
    }

    /// <summary>Each scheme in the form that keeps its codes and, where it has them, its zero points.</summary>
    [Theory]
    [InlineData("binary", 128)]
    [InlineData("int4", 32)]
    [InlineData("int4", 4096)]
    [InlineData("int4-asymmetric", 32)]
    [InlineData("int4-asymmetric", 4096)]
    [InlineData("int8", 4096)]
    public void Every_scheme_agrees_with_its_dequantized_weights(string name, int group)
    {
        QuantizationScheme[] schemes = [QuantizationScheme.Binary, QuantizationScheme.Int4, QuantizationScheme.Int4Asymmetric, QuantizationScheme.Int8];
        var model = SmallClip.Model(scheme: schemes.Single(s => s.Name == name), group: group);
        var (pixels, tokens) = (SmallClip.Pixels(SmallClip.Config, Count), SmallClip.Tokens(SmallClip.Config, Count));
        var expected = Embeddings.ByTorch(model, pixels, tokens, Count);
        new OnnxPacker(new OnnxPackerOptions { Type = OnnxWeightType.Quantized }).Pack(model, _folder.Path, TestContext.Current.CancellationToken);
        using var session = new OnnxBackend().Open(_folder.Path, threads: 1);
        var actual = Embeddings.Of(session, pixels, tokens, Count);
        Assert.InRange(Embeddings.LeastCosine(expected.Images, actual.Images, SmallClip.Config.EmbeddingSize), 0.999, 1.000001);
        Assert.InRange(Embeddings.LeastCosine(expected.Texts, actual.Texts, SmallClip.Config.EmbeddingSize), 0.999, 1.000001);
    }
}
