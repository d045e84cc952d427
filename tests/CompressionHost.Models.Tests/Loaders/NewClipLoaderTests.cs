using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Plugins.Teachers;
using CompressionHost.Tensors;
using CompressionHost.Tools;

namespace CompressionHost.Models.Tests;

public sealed class NewClipLoaderTests
{
    private static readonly NewClipOptions Options = new()
    {
        Image = 12,
        Patch = 4,
        Embedding = 10,
        Vocabulary = 600,
        Vision = new() { Width = 24, Depth = 1, Heads = 3 },
        Text = new() { Width = 16, Depth = 2, Heads = 2, Context = 12, Mlp = 20 },
        Mean = [0.5, 0.25, 0.125],
        Std = [0.5, 1, 2],
    };

    private static readonly string[] Texts = [.. MadeUpText.Sentences(1, 200)];

    [Fact]
    public void The_model_is_what_its_header_said_and_knows_how_to_read_its_inputs()
    {
        var loader = new NewClipLoader(Options);
        using var model = Load(loader, Texts);
        Assert.Equal(loader.ReadHeader().Tensors.Select(t => (t.Name, string.Join('x', t.Shape))), model.Parameters.Select(p => (p.Name, string.Join('x', p.Value.shape))));
        Assert.Equal(600, model.Tokenizer!.VocabularySize);
        Assert.Equal(model.Tokenizer.EndToken, model.Config.Text.EndToken);
        Assert.Equal((20, 96), (model.Config.Text.MlpWidth, model.Config.Vision.MlpWidth));
        Assert.Equal([0.5f, 0.25f, 0.125f], model.ImageProcessor.Mean);
        Assert.Equal(["config.json", "merges.txt", "preprocessor_config.json", "tokenizer_config.json", "vocab.json"], model.Assets.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Texts_too_few_for_the_vocabulary_leave_rows_unused_and_shapes_as_planned()
    {
        var loader = new NewClipLoader(Options with { Vocabulary = 5000 });
        using var model = Load(loader, ["a cat", "a cat"]);
        Assert.Equal(loader.ReadHeader().Parameters, model.Parameters.Sum(p => p.Value.numel()));
        Assert.InRange(model.Tokenizer!.VocabularySize, 514, 520);
        Assert.Equal(model.Tokenizer.EndToken, ClipConfig.FromHuggingFace(model.Assets["config.json"]).Text.EndToken);
    }

    [Fact]
    public void A_tokenizer_given_is_used()
    {
        using var folder = new TemporaryFolder();
        var (vocabulary, merges) = BpeTrainer.Train(Texts, 700);
        File.WriteAllBytes(folder["vocab.json"], vocabulary);
        File.WriteAllBytes(folder["merges.txt"], merges);
        var loader = new NewClipLoader(Options with { Vocabulary = null, Tokenizer = folder.Path });
        using var model = Load(loader, []);
        Assert.Equal(model.Tokenizer!.VocabularySize, model.Config.Text.VocabularySize);
        Assert.Equal(vocabulary, model.Assets["vocab.json"]);
        Refused(new NewClipLoader(Options with { Vocabulary = 600, Tokenizer = folder.Path }), Texts, "'vocabulary' is 600");
    }

    [Fact]
    public void What_cannot_be_made_is_refused()
    {
        Refused(new NewClipLoader(Options), [], "no training texts");
        Refused(new NewClipLoader(Options with { Vocabulary = null }), Texts, "'vocabulary'");
        Refused(new NewClipLoader(Options with { Patch = 5 }), Texts, "patch size 5");
        Refused(new NewClipLoader(Options with { Std = [0, 1, 1] }), Texts, "'std'");
        Refused(new NewClipLoader(Options with { Tokenizer = Path.GetTempPath() }), Texts, "vocab.json");
    }

    private static ClipModel Load(NewClipLoader loader, IEnumerable<string> texts) =>
        (ClipModel)loader.Load(new ModelLoadContext(5, texts), TestContext.Current.CancellationToken);

    private static void Refused(NewClipLoader loader, IEnumerable<string> texts, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidInputException>(() => { _ = Load(loader, texts); }).Message, StringComparison.Ordinal);
}
