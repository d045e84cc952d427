using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Plugins.Teachers;
using TorchSharp;

namespace CompressionHost.Models.Tests;

/// <summary>The forward pass against independent implementations in float64, for both layouts and every type of stored weights.</summary>
public sealed class ClipGoldenTests
{
    private const double EmbeddingTolerance = 5e-6;
    private const double FeatureTolerance = 2e-5;
    private const double LogitTolerance = 2e-4;

    public static TheoryData<string, string> Checkpoints()
    {
        var data = new TheoryData<string, string>();
        foreach (var model in Fixture.Models)
        {
            data.Add(model, "hf");
            data.Add(model, "open_clip");
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Features_embeddings_and_logits_are_the_references(string name, string layout)
    {
        using var scope = torch.NewDisposeScope();
        using var noGradients = torch.no_grad();
        using var golden = Fixture.Golden(name);
        using var model = Load(name, layout);
        var images = model.EncodeImages(golden.Tensor("pixel_values"));
        var texts = model.EncodeTexts(golden.Tensor("input_ids"));
        Assert.InRange(Fixture.Distance(images, golden.Tensor("f64.image_features")), 0, FeatureTolerance);
        Assert.InRange(Fixture.Distance(texts, golden.Tensor("f64.text_features")), 0, FeatureTolerance);
        var (image, text) = (Normalize(images), Normalize(texts));
        Assert.InRange(Fixture.Distance(image, golden.Tensor("f64.image_embeds")), 0, EmbeddingTolerance);
        Assert.InRange(Fixture.Distance(text, golden.Tensor("f64.text_embeds")), 0, EmbeddingTolerance);
        var logits = image.mm(text.t()).mul(model.LogitScale.exp());
        Assert.InRange(Fixture.Distance(logits, golden.Tensor("f64.logits_per_image")), 0, LogitTolerance);
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Hidden_states_are_the_references(string name, string layout)
    {
        using var scope = torch.NewDisposeScope();
        using var noGradients = torch.no_grad();
        using var golden = Fixture.Golden(name);
        using var model = Load(name, layout);
        var (vision, text) = (new List<torch.Tensor>(), new List<torch.Tensor>());
        var images = model.EncodeImages(golden.Tensor("pixel_values"), vision);
        var texts = model.EncodeTexts(golden.Tensor("input_ids"), text);
        Assert.InRange(Fixture.Distance(images, golden.Tensor("f64.image_features")), 0, FeatureTolerance);
        Assert.InRange(Fixture.Distance(texts, golden.Tensor("f64.text_features")), 0, FeatureTolerance);
        Assert.Equal(model.Config.Vision.Depth + 1, vision.Count);
        Assert.Equal(model.Config.Text.Depth + 1, text.Count);
        var compared = 0;
        for (var i = 0; i < vision.Count; i++)
            compared += Compare("vision", i, vision[i]) + Compare("text", i, text[i]);
        Assert.Equal(golden.Entries.Count(e => e.Name.Contains("_hidden.", StringComparison.Ordinal)), compared);

        int Compare(string tower, int block, torch.Tensor state)
        {
            // The float32 file holds every token of the first sample, the others the token that each sample is read at.
            var expected = golden.Tensor($"f32.{tower}_hidden.{block}");
            var actual = expected.shape[0] == state.shape[1] ? state[0] : tower == "vision" ? state.select(1, 0) : AtEnd(state);
            Assert.InRange(Fixture.Distance(actual, expected), 0, FeatureTolerance);
            return 1;
        }

        torch.Tensor AtEnd(torch.Tensor state)
        {
            var ends = golden.Tensor("input_ids").argmax(-1).data<long>().ToArray();
            return torch.stack(ends.Select((end, i) => state[i][end]));
        }
    }

    [Fact]
    public void Pixels_of_images_are_the_references_to_the_last_rounding()
    {
        string[] order = ["land_640x427.jpg", "port_300x500.png", "rgba_200x260.png", "gray_257x193.png", "pal_180x240.png", "tiny_10x10.png", "exact_224.png"];
        using var golden = Fixture.Golden("tiny-quickgelu");
        using var model = Load("tiny-quickgelu", "hf");
        var expected = golden.Floats("pixel_values");
        var size = 3 * model.ImageProcessor.Size * model.ImageProcessor.Size;
        for (var i = 0; i < order.Length; i++)
        {
            var pixels = new float[size];
            model.ImageProcessor.Process(ImageDecoder.Decode(File.ReadAllBytes(Fixture.At("images", order[i]))), pixels);
            // The bytes are equal (the inference tests say so); the golden was normalized in float64, transformers does it in float32.
            for (var j = 0; j < size; j++)
                Assert.InRange(pixels[j], expected[i * size + j] - 5e-7f, expected[i * size + j] + 5e-7f);
        }
    }

    [Theory]
    [InlineData("tiny-quickgelu")]
    [InlineData("tiny-quickgelu-bf16")]
    public void Both_layouts_hold_the_same_weights(string name)
    {
        using var huggingFace = Load(name, "hf");
        using var openClip = Load(name, "open_clip");
        foreach (var (mine, theirs) in huggingFace.Parameters.Zip(openClip.Parameters))
        {
            Assert.Equal(mine.Name, theirs.Name);
            Assert.Equal(0, Fixture.Distance(mine.Value, theirs.Value));
        }
    }

    private static ClipModel Load(string name, string layout)
    {
        var folder = Fixture.At(name, layout);
        ITeacherLoader loader = layout == "hf"
            ? new HuggingFaceClipLoader(new HuggingFaceClipOptions { Model = folder }, new LocalModels())
            : new OpenClipLoader(new OpenClipOptions { Model = folder }, new LocalModels());
        return (ClipModel)loader.Load(new ModelLoadContext(0, []), TestContext.Current.CancellationToken);
    }

    private static torch.Tensor Normalize(torch.Tensor features) => torch.nn.functional.normalize(features, p: 2, dim: -1);
}
