using System.Runtime.InteropServices;
using CompressionHost.Plugins.Backends;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Models.Tests;

/// <summary>Tensors are counted for the whole process, so nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(TorchBackendTests), DisableParallelization = true)]
[Collection(nameof(TorchBackendTests))]
public sealed class TorchBackendTests
{
    private static readonly TorchBackend Backend = new(new TorchBackendOptions());

    [Theory]
    [InlineData("hf")]
    [InlineData("open_clip")]
    public void Checkpoints_encode_as_the_references_do(string layout)
    {
        using var golden = Fixture.Golden("tiny-quickgelu");
        var folder = Fixture.At("tiny-quickgelu", layout);
        Assert.Null(Backend.WhyNot(folder));
        using var session = Backend.Open(folder, 1);
        Assert.Equal((40, 77), (session.EmbeddingSize, session.ContextLength));
        Assert.Null(session.Tokenizer);
        var (images, texts) = Encode(session, golden);
        Close(golden.Floats("f64.image_embeds"), images, 5e-6f);
        Close(golden.Floats("f64.text_embeds"), texts, 5e-6f);
        Assert.Equal(golden.Floats("f64.logits_per_image")[0], session.LogitScale * Dot(images, texts), 2e-4f);
    }

    [Fact]
    public void Bfloat16_is_close_and_not_equal()
    {
        using var golden = Fixture.Golden("tiny-quickgelu");
        using var session = new TorchBackend(new TorchBackendOptions { Precision = TorchPrecision.Bfloat16 }).Open(Fixture.HuggingFace);
        var (images, _) = Encode(session, golden);
        Close(golden.Floats("f64.image_embeds"), images, 0.02f);
        Assert.False(images.AsSpan().SequenceEqual(golden.Floats("f32.image_embeds")));
    }

    [Fact]
    public void A_package_encodes_as_its_dequantized_weights_do()
    {
        using var folder = new TemporaryFolder();
        using var checkpoint = ClipCheckpoint.OpenHuggingFace(Fixture.HuggingFace);
        using var model = checkpoint.Load(TestContext.Current.CancellationToken);
        var compressed = TernaryModel.Of(model);
        NativePackage.Write(folder["model.chpkg"], compressed, TestContext.Current.CancellationToken);
        using var golden = Fixture.Golden("tiny-quickgelu");
        using (torch.no_grad())
        {
            foreach (var (name, value) in model.Parameters)
            {
                var tensor = compressed.Tensors.Single(t => t.Name == name);
                var values = new float[value.numel()];
                if (tensor.Quantized is { } quantized)
                    quantized.Dequantize(values);
                else
                    HalfFloats.Widen(tensor.Dense, values);
                MemoryMarshal.AsBytes<float>(values).CopyTo(value.bytes);
            }
        }
        using var expected = new ModelSession(model);
        foreach (var path in (string[])[folder["model.chpkg"], folder.Path])
        {
            Assert.Null(Backend.WhyNot(path));
            using var session = Backend.Open(path);
            var (images, texts) = Encode(session, golden);
            Close(Encode(expected, golden).Images, images, 1e-6f);
            Close(Encode(expected, golden).Texts, texts, 1e-6f);
        }
    }

    [Fact]
    public void A_package_that_is_no_clip_model_is_refused_by_tensor()
    {
        using var model = TinyClip.Create(TinyClip.Config());
        var good = TernaryModel.Of(model);
        Refused("architecture 'bert'", good with { Architecture = "bert" });
        Refused("config.json", good with { Assets = new Dictionary<string, byte[]>() });
        Refused("lacks the tensor 'logit_scale'", good with { Tensors = [.. good.Tensors.Skip(1)] });
        Refused("'extra'", good with { Tensors = [.. good.Tensors, new CompressedTensor("extra", [1], new Half[1])] });
        Refused("twice", good with { Tensors = [.. good.Tensors, good.Tensors[0]] });
        Refused("[3]", good with { Tensors = [new CompressedTensor("logit_scale", [3], new Half[3]), .. good.Tensors.Skip(1)] });
        Refused("NaN", good with { Tensors = [new CompressedTensor("logit_scale", [], [Half.NaN]), .. good.Tensors.Skip(1)] });

        static void Refused(string message, CompressedModel model) =>
            Assert.Contains(message, Assert.Throws<InvalidInputException>(() => { _ = ClipModel.FromCompressed(model); }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_model_is_said_why()
    {
        using var folder = new TemporaryFolder();
        folder.Write("onnx/config.json", "{}");
        folder.Write("onnx/image.onnx", "");
        foreach (var (path, reason) in ((string, string)[])[(folder.Path, "neither"), (folder["onnx"], "neither"), (folder["none.chpkg"], "does not exist"), (Fixture.At("images", "exact_224.png"), "neither")])
        {
            Assert.Contains(reason, Backend.WhyNot(path), StringComparison.Ordinal);
            Assert.Contains(reason, Assert.Throws<InvalidInputException>(() => Backend.Open(path)).Message, StringComparison.Ordinal);
        }
        File.WriteAllText(folder["a.chpkg"], "");
        File.WriteAllText(folder["b.chpkg"], "");
        Assert.Contains("2 packages", Backend.WhyNot(folder.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_frees_what_it_computes()
    {
        using var golden = Fixture.Golden("tiny-quickgelu");
        using var session = Backend.Open(Fixture.HuggingFace);
        Encode(session, golden);
        LiveTensors.Settle();
        var before = LiveTensors.Count;
        Encode(session, golden);
        Assert.True(LiveTensors.Count <= before + 8, $"{before} tensors grew to {LiveTensors.Count}.");
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        using var model = TinyClip.Create(TinyClip.Config());
        using var session = new ModelSession(model);
        session.EncodeImages([], 0, []);
        Assert.Throws<ArgumentException>(() => session.EncodeImages(new float[3 * 12 * 12 - 1], 1, new float[10]));
        Assert.Throws<ArgumentException>(() => session.EncodeImages(new float[3 * 12 * 12], 1, new float[9]));
        Assert.Throws<ArgumentException>(() => session.EncodeTexts(new int[10], 1, new float[10]));
    }

    private static (float[] Images, float[] Texts) Encode(Abstractions.IImageTextSession session, SafetensorsFile golden)
    {
        var pixels = golden.Floats("pixel_values");
        var ids = MemoryMarshal.Cast<byte, long>(golden.Bytes(golden.Find("input_ids")!));
        var tokens = new int[ids.Length];
        for (var i = 0; i < tokens.Length; i++)
            tokens[i] = (int)ids[i];
        var (images, texts) = (new float[8 * session.EmbeddingSize], new float[12 * session.EmbeddingSize]);
        session.EncodeImages(pixels, 8, images);
        session.EncodeTexts(tokens, 12, texts);
        return (images, texts);
    }

    private static float Dot(float[] a, float[] b) => a.Take(40).Zip(b, (x, y) => x * y).Sum();

    private static void Close(float[] expected, float[] actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < actual.Length; i++)
            Assert.InRange(actual[i], expected[i] - tolerance, expected[i] + tolerance);
    }
}
