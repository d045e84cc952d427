using CompressionHost.Inference;
using CompressionHost.Plugins.Packers;

namespace CompressionHost.Packers.Tests;

public sealed class GgufClipReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(GgufWeightType.TQ1_0)]
    [InlineData(GgufWeightType.TQ2_0)]
    [InlineData(GgufWeightType.Q4_0)]
    [InlineData(GgufWeightType.Q8_0)]
    [InlineData(GgufWeightType.F16)]
    public void What_was_packed_is_read_back(GgufWeightType type)
    {
        var model = TernaryClip.Model();
        var read = Read(model, type);
        Assert.Equal(model.Tensors.Select(t => t.Name), read.Tensors.Select(t => t.Name));
        foreach (var (expected, actual) in model.Tensors.Zip(read.Tensors))
        {
            Assert.Equal(expected.Shape, actual.Shape);
            Assert.Equal(Values(expected), Values(actual));
        }
        Assert.Equal(ClipConfig.FromHuggingFace(model.Assets["config.json"]), ClipConfig.FromHuggingFace(read.Assets["config.json"]));
        Assert.Equal(model.Assets["preprocessor_config.json"], read.Assets["preprocessor_config.json"]);
        const string Text = "a photo of a red circle";
        Assert.Equal(ClipTokenizer.FromAssets(model.Assets)!.Encode(Text, 20), ClipTokenizer.FromAssets(read.Assets)!.Encode(Text, 20));
    }

    [Theory]
    [InlineData("clip.vision.embedding_length", "clip.vision.embedding_lengtX")]
    [InlineData("clip.has_text_encoder", "clip.has_text_encodeX")]
    [InlineData("v.class_embd", "v.class_embX")]
    public void A_key_or_tensor_that_is_missing_is_named(string name, string other)
    {
        new GgufPacker(new GgufPackerOptions()).Pack(TernaryClip.Model(), _folder.Path, TestContext.Current.CancellationToken);
        var bytes = File.ReadAllBytes(_folder["model.gguf"]);
        var at = bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(name));
        System.Text.Encoding.ASCII.GetBytes(other).CopyTo(bytes, at);
        File.WriteAllBytes(_folder["other.gguf"], bytes);
        using var file = GgufFile.Open(_folder["other.gguf"]);
        Assert.Contains("other.gguf", Assert.Throws<InvalidInputException>(() => GgufClipReader.Read(file)).Message, StringComparison.Ordinal);
    }

    private CompressedModel Read(CompressedModel model, GgufWeightType type)
    {
        var path = new GgufPacker(new GgufPackerOptions { Type = type }).Pack(model, _folder.Path, TestContext.Current.CancellationToken)[0];
        using var file = GgufFile.Open(path);
        return GgufClipReader.Read(file);
    }

    private static float[] Values(CompressedTensor tensor)
    {
        if (tensor.Dense is { } dense)
            return Array.ConvertAll(dense, h => (float)h);
        var values = new float[tensor.Quantized!.Count];
        tensor.Quantized.Dequantize(values);
        return values;
    }
}
