using CompressionHost.Tensors;

namespace CompressionHost.Inference.Tests;

public sealed class ClipSessionTests
{
    public static TheoryData<string> Schemes => [nameof(TinyPackage.Ternary), nameof(TinyPackage.FeedForward), nameof(TinyPackage.Mixed), "dense"];

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Embeddings_are_those_of_the_definition(string scheme)
    {
        foreach (var config in (ClipConfig[])[TinyPackage.Ragged(), TinyPackage.Ragged(ClipActivation.Gelu), TinyPackage.Regular(), TinyPackage.Long()])
        {
            using var tiny = OpenPackage.Of(TinyPackage.Create(config, scheme: Scheme(scheme)));
            var (imageCount, textCount) = config.Vision.Tokens < 20 ? (3, 11) : (1, 3);
            var (pixels, tokens) = (TinyPackage.Pixels(config, imageCount), TinyPackage.Tokens(config, textCount));
            var (images, texts) = (tiny.Images(pixels, imageCount), tiny.Texts(tokens, textCount));
            // Rounding an activation differently by one step is all that may differ; without rounding in the reference the angle still is small.
            foreach (var (quantized, least) in ((bool, double)[])[(true, 0.9995), (false, 0.998)])
            {
                var reference = new ReferenceClip(tiny.Model, config, quantized);
                for (var i = 0; i < imageCount; i++)
                    Assert.InRange(Cosine(reference.EncodeImage(pixels.Chunk(pixels.Length / imageCount).ElementAt(i)), images[i]), least, 1.0001);
                for (var i = 0; i < textCount; i++)
                    Assert.InRange(Cosine(reference.EncodeText(tokens.Chunk(config.Text.ContextLength).ElementAt(i)), texts[i]), least, 1.0001);
            }
        }
    }

    /// <summary>Weights of every kind where they lie, the token table and the patch convolution among them.</summary>
    [Theory]
    [InlineData("binary")]
    [InlineData("int4")]
    [InlineData("int4-asymmetric")]
    [InlineData("int8")]
    public void Every_scheme_agrees_with_its_dequantized_weights(string name)
    {
        QuantizationScheme[] schemes = [QuantizationScheme.Binary, QuantizationScheme.Int4, QuantizationScheme.Int4Asymmetric, QuantizationScheme.Int8];
        foreach (var config in (ClipConfig[])[TinyPackage.Ragged(), TinyPackage.Regular()])
        {
            using var tiny = OpenPackage.Of(TinyPackage.Create(config, scheme: TinyPackage.Only(schemes.Single(s => s.Name == name))));
            using (var file = NativePackageFile.Open(tiny.Path))
                Assert.All(file.Tensors.Where(t => t.Scheme is not null), t => Assert.Equal(name switch { "binary" => "packed1", "int8" => "int8", _ => "packed4" }, t.Storage));
            var (pixels, tokens) = (TinyPackage.Pixels(config, 1), TinyPackage.Tokens(config, 2));
            var (image, texts) = (tiny.Images(pixels, 1)[0], tiny.Texts(tokens, 2));
            var exact = new ReferenceClip(tiny.Model, config, quantizeActivations: false);
            Assert.InRange(Cosine(exact.EncodeImage(pixels), image), 0.999, 1.0001);
            for (var i = 0; i < texts.Length; i++)
                Assert.InRange(Cosine(exact.EncodeText(tokens.Chunk(config.Text.ContextLength).ElementAt(i)), texts[i]), 0.999, 1.0001);
        }
    }

    [Fact]
    public void A_float16_package_is_computed_in_float32_but_for_attention()
    {
        var config = TinyPackage.Regular();
        using var tiny = OpenPackage.Of(TinyPackage.Create(config, scheme: _ => null));
        var (pixels, tokens) = (TinyPackage.Pixels(config, 1), TinyPackage.Tokens(config, 1));
        var reference = new ReferenceClip(tiny.Model, config, quantizeActivations: false);
        // Attention is of int16 codes. Int8 activations would be off by a hundred times as much.
        Close(reference.EncodeImage(pixels), tiny.Images(pixels, 1)[0], 5e-5);
        Close(reference.EncodeText(tokens), tiny.Texts(tokens, 1)[0], 5e-5);
    }

    private static Func<ClipTensor, QuantizationScheme?> Scheme(string name) => name switch
    {
        nameof(TinyPackage.Ternary) => TinyPackage.Ternary,
        nameof(TinyPackage.FeedForward) => TinyPackage.FeedForward,
        nameof(TinyPackage.Mixed) => TinyPackage.Mixed,
        _ => _ => null,
    };

    private static double Cosine(double[] a, float[] b) => a.Zip(b, (x, y) => x * y).Sum() / Math.Sqrt(b.Sum(y => (double)y * y));

    private static void Close(double[] expected, float[] actual, double tolerance)
    {
        for (var i = 0; i < expected.Length; i++)
            Assert.InRange(actual[i], expected[i] - tolerance, expected[i] + tolerance);
    }
}
