using CompressionHost.Inference;
using CompressionHost.Models;
using CompressionHost.Recipes;
using CompressionHost.Tensors;
using Microsoft.Extensions.DependencyInjection;

namespace CompressionHost.Engine.Tests;

/// <summary>Every built-in scheme in one recipe, by rules.</summary>
public sealed class MixedSchemesTests : IDisposable
{
    private const string Rules =
        """
        quantize:
          - { match: "*.mlp.fc1.weight", use: ternary }
          - { match: "*.mlp.fc2.weight", use: int4, group: 32, symmetric: false }
          - { match: "*.out_proj.weight", use: int4, group: row }
          - { match: ["*.q_proj.weight", "*.patch_embedding.weight"], use: binary, group: 16 }
          - { match: ["*.v_proj.weight", "*.token_embedding.weight"], use: int8 }
          - { match: "*", keep: float16 }
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddCompressionHost().BuildServiceProvider();

    public void Dispose()
    {
        _services.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Post_training_quantization_packs_each_site_by_its_rule()
    {
        var trained = Execute(TinyRecipe.Yaml.Replace("use: native", "use: huggingface", StringComparison.Ordinal), "trained.yaml").Run;
        Check(Run(
            $$"""
            recipe: 1
            name: ptq
            threads: 1
            teacher: { use: huggingface-clip, model: '{{Path.Combine(trained.Directory, "package", "huggingface")}}' }
            {{Rules}}
            pack: [ { use: native } ]
            """));
    }

    [Fact]
    public void Training_packs_each_site_by_its_rule() => Check(Run(WithRules(TinyRecipe.Yaml)));

    [Fact]
    public void A_group_out_of_range_is_an_error_at_its_place()
    {
        File.WriteAllText(_folder["bad.yaml"], TinyRecipe.Yaml.Replace("use: ternary", "use: int4, group: 16", StringComparison.Ordinal));
        var diagnostic = Assert.Single(_services.GetRequiredService<RecipeReader>().Read(_folder["bad.yaml"], []).Diagnostics);
        Assert.Contains("32 to 256 weights", diagnostic.Message, StringComparison.Ordinal);
    }

    private void Check(RunResult run)
    {
        var path = Path.Combine(run.Directory, "package", "native", "model.chpkg");
        using var package = NativePackageFile.Open(path);
        Storage(".mlp.fc1.weight", "packed2", "ternary");
        Storage(".mlp.fc2.weight", "packed4", "int4-asymmetric");
        Storage(".out_proj.weight", "packed4", "int4");
        Storage(".q_proj.weight", "packed1", "binary");
        Storage(".patch_embedding.weight", "packed1", "binary");
        Storage(".v_proj.weight", "int8", "int8");
        Storage(".token_embedding.weight", "int8", "int8");
        Storage(".k_proj.weight", "float16", null);

        // The package runs, and as its dequantized weights do.
        var model = package.Read();
        using var session = ClipSession.Open(path);
        using var reference = new ModelSession(ClipModel.FromCompressed(model), ownsModel: true);
        var pixels = new float[3 * session.ImageProcessor.Size * session.ImageProcessor.Size];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = MathF.Sin(i);
        var (expected, actual) = (new float[session.EmbeddingSize], new float[session.EmbeddingSize]);
        reference.EncodeImages(pixels, 1, expected);
        session.EncodeImages(pixels, 1, actual);
        Assert.InRange(expected.Zip(actual, (a, b) => (double)a * b).Sum(), 0.999, 1.0001);
        var text = new int[session.ContextLength];
        session.Tokenizer!.EncodePadded("a red circle", text);
        reference.EncodeTexts(text, 1, expected);
        session.EncodeTexts(text, 1, actual);
        Assert.InRange(expected.Zip(actual, (a, b) => (double)a * b).Sum(), 0.999, 1.0001);

        void Storage(string name, string storage, string? scheme)
        {
            var entries = package.Tensors.Where(t => t.Name.EndsWith(name, StringComparison.Ordinal)).ToList();
            Assert.NotEmpty(entries);
            Assert.All(entries, e => Assert.Equal((storage, scheme), (e.Storage, e.Scheme?.Name)));
        }
    }

    private RunResult Run(string yaml)
    {
        var (plan, run) = Execute(yaml, "mixed.yaml");
        var written = new FileInfo(Path.Combine(run.Directory, "package", "native", "model.chpkg")).Length;
        Assert.InRange(plan.PackageBytes, written - 4096, written + 64);
        // 32 rows of 128 codes of 4 bits, in groups of 32 with a scale and a zero point.
        var fc2 = plan.Sites.Single(s => s.Name == "vision_model.encoder.layers.0.mlp.fc2.weight");
        Assert.Equal(("int4-asymmetric", 4, (32 * 128 / 2) + (32 * 4 * 3)), (fc2.Scheme, fc2.Bits, fc2.BytesAfter));
        return run;
    }

    private (Plan Plan, RunResult Run) Execute(string yaml, string name)
    {
        var recipe = TinyRecipe.Read(_services, yaml, _folder[name]);
        var plan = _services.GetRequiredService<Planner>().Plan(recipe);
        var run = _services.GetRequiredService<Runner>().Run(
            recipe, new RunOptions { OutputDirectory = _folder["runs"] }, new EventList(), TestContext.Current.CancellationToken);
        Assert.Equal(ExitCodes.Success, run.ExitCode);
        return (plan, run);
    }

    private static string WithRules(string yaml)
    {
        var start = yaml.IndexOf("quantize:", StringComparison.Ordinal);
        return yaml[..start] + Rules + "\n" + yaml[yaml.IndexOf("distill:", StringComparison.Ordinal)..];
    }
}
