using CompressionHost.Models;
using CompressionHost.Tensors;
using Microsoft.Extensions.DependencyInjection;
using TorchSharp;

namespace CompressionHost.Engine.Tests;

/// <summary>A classifier and a text encoder go through every stage of a run.</summary>
public sealed class ClassifierRunTests : IDisposable
{
    private const string Classifier =
        """
        recipe: 1
        name: classifier
        seed: 5
        threads: 1
        teacher: { use: vit, new: { classes: [circle, square, triangle, star, ring, cross, diamond, heart], image: 16, patch: 8, width: 32, depth: 1, heads: 2 } }
        data:
          train: { use: sprites, image: 16, count: 128, labels: shape }
          test: { use: sprites, image: 16, count: 32, split: test, labels: shape }
        quantize:
          - { match: "*", use: ternary }
        distill:
          data: train
          steps: 4
          batch: 16
          losses: [ { use: cross-entropy }, { use: logit-kl, temperature: 3 } ]
        pack: [ { use: native }, { use: huggingface } ]
        evaluate: [ { use: classification, data: test }, { use: agreement, data: test, top1: true } ]
        """;

    private const string Texts =
        """
        recipe: 1
        name: texts
        seed: 5
        threads: 1
        teacher: { use: bert, new: { vocabulary: 200, context: 24, width: 32, depth: 1, heads: 2 } }
        data:
          train: { use: sprites, image: 16, count: 128 }
        quantize:
          - { match: "*.dense.weight", use: ternary }
          - { match: "*", keep: float16 }
        distill:
          data: train
          steps: 4
          batch: 16
          losses: [ { use: output-mse }, { use: output-mse, pool: mean, normalize: true, weight: 10 } ]
        pack: [ { use: native } ]
        evaluate: [ { use: agreement, data: train, pool: mean } ]
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddCompressionHost().BuildServiceProvider();

    public void Dispose()
    {
        _services.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_classifier_is_distilled_measured_and_packed()
    {
        var directory = Run(Classifier, out var metrics);
        Assert.All(["teacher", "ptq", "student"], p => Assert.InRange(metrics[$"{p}.classification.top1"], 0, 1));
        Assert.Equal(1, metrics["teacher.agreement.top1"]);
        using var scope = torch.NewDisposeScope();
        using var noGradients = torch.no_grad();
        using var package = NativePackageFile.Open(Path.Combine(directory, "package", "native", "model.chpkg"));
        using var unpacked = VitModel.FromCompressed(package.Read());
        using var checkpoint = VitCheckpoint.Open(Path.Combine(directory, "package", "huggingface"));
        using var loaded = checkpoint.Load(TestContext.Current.CancellationToken);
        Assert.All(unpacked.Sites, s => Assert.InRange(s.Weight.data<float>().ToArray().Distinct().Count(), 1, 2 * (int)s.Weight.shape[0] + 1));
        var pixels = torch.rand(3, 3, 16, 16);
        Assert.Equal(unpacked.Classify(pixels).data<float>().ToArray(), loaded.Classify(pixels).data<float>().ToArray());
    }

    [Fact]
    public void A_text_encoder_is_distilled_measured_and_packed()
    {
        var directory = Run(Texts, out var metrics);
        Assert.Equal(1, metrics["teacher.agreement.cosine"]);
        Assert.InRange(metrics["student.agreement.cosine"], -1, 1);
        using var package = NativePackageFile.Open(Path.Combine(directory, "package", "native", "model.chpkg"));
        using var unpacked = BertModel.FromCompressed(package.Read());
        Assert.Equal(200, unpacked.Config.VocabularySize);
        Assert.NotNull(unpacked.Tokenizer);
    }

    private string Run(string yaml, out IReadOnlyDictionary<string, double> metrics)
    {
        var recipe = TinyRecipe.Read(_services, yaml, _folder["run.yaml"]);
        var run = _services.GetRequiredService<Runner>().Run(
            recipe, new RunOptions { OutputDirectory = _folder["runs"] }, new EventList(), TestContext.Current.CancellationToken);
        Assert.Equal(0, run.ExitCode);
        metrics = System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, double>>(File.ReadAllText(Path.Combine(run.Directory, "metrics.json")))!;
        return run.Directory;
    }
}
