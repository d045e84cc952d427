using CompressionHost.Inference;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Models.Tests;

/// <summary>The session of an application computes what TorchSharp computes with the same weights dequantized.</summary>
public sealed class ClipSessionAgreementTests
{
    /// <summary>Activations of 8 bits are all that differs.</summary>
    private const double Cosine = 0.999;

    [Theory]
    [InlineData(ClipActivation.Gelu)]
    [InlineData(ClipActivation.QuickGelu)]
    public void Tiny_models_agree(ClipActivation activation)
    {
        var config = TinyClip.Config(activation);
        using var model = TinyClip.Create(config);
        using var pixels = TinyClip.Pixels(config, 4);
        using var tokens = TinyClip.Tokens(config, 8);
        Agree(model, pixels, tokens);
    }

    [Fact]
    public void A_checkpoint_agrees_on_its_golden_inputs()
    {
        using var golden = Fixture.Golden("tiny-quickgelu");
        using var checkpoint = ClipCheckpoint.OpenHuggingFace(Fixture.HuggingFace);
        using var model = checkpoint.Load(TestContext.Current.CancellationToken);
        var size = (long)model.Config.Vision.ImageSize;
        using var pixels = torch.tensor(golden.Floats("pixel_values"), [8, 3, size, size]);
        using var tokens = torch.tensor(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(golden.Bytes(golden.Find("input_ids")!)).ToArray(), [12, model.ContextLength]);
        Agree(model, pixels, tokens);
    }

    private static void Agree(ClipModel model, torch.Tensor pixels, torch.Tensor tokens)
    {
        using var folder = new TemporaryFolder();
        var compressed = TernaryModel.Of(model);
        NativePackage.Write(folder["model.chpkg"], compressed, TestContext.Current.CancellationToken);
        using var reference = new ModelSession(ClipModel.FromCompressed(compressed), ownsModel: true);
        using var session = ClipSession.Open(folder["model.chpkg"]);
        var (images, texts) = ((int)pixels.shape[0], (int)tokens.shape[0]);
        var (imageInput, textInput) = (pixels.data<float>().ToArray(), tokens.data<long>().ToArray().Select(t => (int)t).ToArray());
        var (expected, actual) = (new float[images * session.EmbeddingSize], new float[images * session.EmbeddingSize]);
        reference.EncodeImages(imageInput, images, expected);
        session.EncodeImages(imageInput, images, actual);
        Close(expected, actual, session.EmbeddingSize);
        (expected, actual) = (new float[texts * session.EmbeddingSize], new float[texts * session.EmbeddingSize]);
        reference.EncodeTexts(textInput, texts, expected);
        session.EncodeTexts(textInput, texts, actual);
        Close(expected, actual, session.EmbeddingSize);
        Assert.Equal(reference.LogitScale, session.LogitScale, 1e-4f);
    }

    private static void Close(float[] expected, float[] actual, int size)
    {
        foreach (var (a, b) in expected.Chunk(size).Zip(actual.Chunk(size)))
            Assert.InRange(a.Zip(b, (x, y) => (double)x * y).Sum(), Cosine, 1.0001);
    }
}
