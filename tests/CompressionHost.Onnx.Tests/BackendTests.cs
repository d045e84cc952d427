using System.Runtime.Intrinsics.X86;
using System.Text.RegularExpressions;
using CompressionHost.Abstractions;
using Microsoft.ML.OnnxRuntime;

namespace CompressionHost.Onnx.Tests;

public sealed class BackendTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<OnnxWeightType> Forms => [.. Enum.GetValues<OnnxWeightType>()];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_batch_gives_what_its_members_give(OnnxWeightType type)
    {
        var config = SmallClip.Config;
        using var session = Open(type);
        var (pixels, tokens) = (SmallClip.Pixels(config, 4), SmallClip.Tokens(config, 4));
        var batch = Embeddings.Of(session, pixels, tokens, 4);
        var (image, text, size) = (pixels.Length / 4, config.Text.ContextLength, config.EmbeddingSize);
        for (var i = 0; i < 4; i++)
        {
            var one = Embeddings.Of(session, pixels[(i * image)..((i + 1) * image)], tokens[(i * text)..((i + 1) * text)], 1);
            // In int8 one scale is shared by all activations of a call.
            var least = type == OnnxWeightType.Int8 ? 0.999 : 0.999999;
            Assert.InRange(Embeddings.LeastCosine(one.Images, batch.Images[(i * size)..((i + 1) * size)], size), least, 1.000001);
            Assert.InRange(Embeddings.LeastCosine(one.Texts, batch.Texts[(i * size)..((i + 1) * size)], size), least, 1.000001);
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Class_embedding_and_positions_are_added_when_a_model_is_loaded(OnnxWeightType type)
    {
        new OnnxPacker(new OnnxPackerOptions { Type = type }).Pack(SmallClip.Model(), _folder.Path, Token);
        using (var options = new SessionOptions { OptimizedModelFilePath = _folder["loaded.onnx"], IntraOpNumThreads = 1 })
            new InferenceSession(_folder["image.onnx"], options).Dispose();
        Assert.Contains(new OnnxFile(_folder["image.onnx"]).Nodes, n => n.Name.EndsWith("/ClassRow", StringComparison.Ordinal));
        Assert.Single(new OnnxFile(_folder["loaded.onnx"]).Nodes, n => n.Op == "Pad");
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Sizes_that_fill_no_block_of_weights_work(OnnxWeightType type)
    {
        var config = SmallClip.Config with
        {
            EmbeddingSize = 17,
            Vision = new ClipVisionConfig { ImageSize = 12, PatchSize = 4, Width = 44, Depth = 1, Heads = 2, MlpWidth = 70 },
            Text = SmallClip.Config.Text with { Width = 40, Depth = 1, Heads = 2, MlpWidth = 33 },
        };
        var model = SmallClip.Model(config);
        var (pixels, tokens) = (SmallClip.Pixels(config, 3), SmallClip.Tokens(config, 3));
        var expected = Embeddings.ByTorch(model, pixels, tokens, 3);
        using var session = Open(type, model);
        var actual = Embeddings.Of(session, pixels, tokens, 3);
        Assert.InRange(Embeddings.LeastCosine(expected.Images, actual.Images, 17), 0.999, 1.000001);
        Assert.InRange(Embeddings.LeastCosine(expected.Texts, actual.Texts, 17), 0.999, 1.000001);
    }

    [Fact]
    public void A_text_is_read_at_its_first_end_token()
    {
        var (config, end) = (SmallClip.Config, SmallClip.Config.Text.EndToken);
        using var session = Open(OnnxWeightType.Float32);
        // 590 is greater than the end token, so the greatest id is not what is looked for.
        AssertSame(session, Text(config, 1, 590, 7, end, 9, end), Text(config, 1, 590, 7, end));
        AssertDifferent(session, Text(config, 1, 590, 7, end), Text(config, 1, 590, end));
        // Without an end token a text is read at its first token, which sees no other.
        AssertSame(session, Text(config, 5, 6, 7), Text(config, 5, 8));
    }

    [Fact]
    public void Legacy_models_are_read_at_the_greatest_token()
    {
        var config = SmallClip.Config with { Text = SmallClip.Config.Text with { EndToken = ClipTextConfig.LegacyEndToken } };
        using var session = Open(OnnxWeightType.Float32, SmallClip.Model(config));
        AssertSame(session, Text(config, 1, 2, 7, 590, 9, 590), Text(config, 1, 2, 7, 590));
        AssertDifferent(session, Text(config, 1, 2, 7, 590), Text(config, 1, 2, 590));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Any_number_of_threads_gives_the_same(int threads)
    {
        var (config, model) = (SmallClip.Config, SmallClip.Model());
        var (pixels, tokens) = (SmallClip.Pixels(config, 2), SmallClip.Tokens(config, 2));
        using var one = Open(OnnxWeightType.Float32, model);
        using var many = new OnnxBackend().Open(_folder.Path, threads);
        var (expected, actual) = (Embeddings.Of(one, pixels, tokens, 2), Embeddings.Of(many, pixels, tokens, 2));
        Assert.InRange(Embeddings.LeastCosine(expected.Images, actual.Images, config.EmbeddingSize), 0.999999, 1.000001);
        Assert.InRange(Embeddings.LeastCosine(expected.Texts, actual.Texts, config.EmbeddingSize), 0.999999, 1.000001);
    }

    [Fact]
    public void A_session_says_what_it_is_and_refuses_lengths_that_do_not_fit()
    {
        using var session = Open(OnnxWeightType.Float32);
        Assert.Equal((48, 20, "onnxruntime"), (session.EmbeddingSize, session.ContextLength, session.Kernel));
        Assert.Equal(32, session.ImageProcessor.Size);
        Assert.Null(session.Tokenizer);
        session.EncodeImages([], 0, []);
        session.EncodeTexts([], 0, []);
        Assert.Throws<ArgumentException>(() => session.EncodeImages(new float[3 * 32 * 32 - 1], 1, new float[48]));
        Assert.Throws<ArgumentException>(() => session.EncodeImages(new float[3 * 32 * 32], 1, new float[47]));
        Assert.Throws<ArgumentException>(() => session.EncodeTexts(new int[21], 1, new float[48]));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.EncodeTexts([], -1, new float[48]));
        Assert.Throws<ArgumentException>(() => session.EncodeTexts([600, .. new int[19]], 1, new float[48]));
        Assert.Throws<ArgumentException>(() => session.EncodeTexts([-1, .. new int[19]], 1, new float[48]));
        // Longer destinations are allowed, and left alone beyond the embeddings.
        var embeddings = new float[100];
        session.EncodeTexts(Text(SmallClip.Config, 1, 2, 513), 1, embeddings);
        Assert.All(embeddings[48..], v => Assert.Equal(0, v));
        Assert.Contains(embeddings[..48], v => v != 0);
    }

    [Theory]
    [InlineData("image.onnx")]
    [InlineData("text.onnx")]
    [InlineData("config.json")]
    [InlineData("preprocessor_config.json")]
    public void A_folder_that_lacks_a_file_is_refused_by_its_name(string file)
    {
        Pack(OnnxWeightType.Int8);
        Assert.Null(new OnnxBackend().WhyNot(_folder.Path));
        File.Delete(_folder[file]);
        Assert.Contains($"no {file}", new OnnxBackend().WhyNot(_folder.Path), StringComparison.Ordinal);
        Assert.Contains(file, Assert.Throws<InvalidInputException>(() => new OnnxBackend().Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_such_folder_is_refused()
    {
        Assert.Contains("does not exist", new OnnxBackend().WhyNot(_folder["nothing"]), StringComparison.Ordinal);
        Assert.Contains("is a file", new OnnxBackend().WhyNot(_folder.Write("model.chpkg", "x")), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_two_models_are_found_out()
    {
        Pack(OnnxWeightType.Float32);
        var image = File.ReadAllBytes(_folder["image.onnx"]);
        Pack(OnnxWeightType.Float32, SmallClip.Model(SmallClip.Config with { Vision = SmallClip.Config.Vision with { ImageSize = 40 } }));
        _folder.Write("image.onnx", image);
        var fault = Assert.Throws<InvalidInputException>(() => new OnnxBackend().Open(_folder.Path));
        Assert.Contains("pixel_values Single[any, 3, 40, 40] by config.json, and is pixel_values Single[any, 3, 32, 32]", fault.Message, StringComparison.Ordinal);
        Assert.Equal(_folder["image.onnx"], fault.Path);
    }

    [Theory]
    [InlineData("")]
    [InlineData("NaN")]
    [InlineData("-1")]
    public void A_model_without_a_logit_scale_is_refused(string scale)
    {
        Pack(OnnxWeightType.Float32);
        var values = ClipValues.Of(SmallClip.Config, SmallClip.Model(), Token);
        new OnnxModel(ImageEncoder.Graph(SmallClip.Config, values, new Float32Form(values)), scale.Length == 0 ? [] : [new("logit_scale", scale)]).Write(_folder["image.onnx"]);
        Assert.Contains("logit_scale", Assert.Throws<InvalidInputException>(() => new OnnxBackend().Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("image.onnx")]
    [InlineData("text.onnx")]
    public void A_truncated_or_foreign_file_is_refused_by_its_name(string file)
    {
        Pack(OnnxWeightType.Int8);
        var whole = File.ReadAllBytes(_folder[file]);
        foreach (var bytes in new[] { [], whole[..1], whole[..100], whole[..(whole.Length / 2)], whole[..^1], "not a model"u8.ToArray(), new byte[5000] })
        {
            File.WriteAllBytes(_folder[file], bytes);
            var fault = Assert.Throws<InvalidInputException>(() => new OnnxBackend().Open(_folder.Path));
            Assert.Equal(_folder[file], fault.Path);
        }
    }

    [Fact]
    public void Byte_products_are_known_to_be_exact_where_Linux_sees_VNNI()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && X86Base.IsSupported, "Linux on x86 lists what the processor has.");
        Assert.Equal(!Regex.IsMatch(File.ReadAllText("/proc/cpuinfo"), @"\bavx(512)?_vnni\b"), ByteProducts.Saturate);
    }

    private IImageTextSession Open(OnnxWeightType type, CompressedModel? model = null)
    {
        Pack(type, model);
        return new OnnxBackend().Open(_folder.Path, threads: 1);
    }

    private void Pack(OnnxWeightType type, CompressedModel? model = null) =>
        new OnnxPacker(new OnnxPackerOptions { Type = type }).Pack(model ?? SmallClip.Model(), _folder.Path, Token);

    private static int[] Text(ClipConfig config, params int[] tokens) => [.. tokens, .. new int[config.Text.ContextLength - tokens.Length]];

    private static void AssertSame(IImageTextSession session, int[] a, int[] b) => Assert.InRange(Cosine(session, a, b), 0.999999, 1.000001);

    private static void AssertDifferent(IImageTextSession session, int[] a, int[] b) => Assert.InRange(Cosine(session, a, b), -1, 0.999);

    private static double Cosine(IImageTextSession session, int[] a, int[] b)
    {
        var (first, second) = (new float[session.EmbeddingSize], new float[session.EmbeddingSize]);
        session.EncodeTexts(a, 1, first);
        session.EncodeTexts(b, 1, second);
        return Embeddings.LeastCosine(first, second, session.EmbeddingSize);
    }
}
