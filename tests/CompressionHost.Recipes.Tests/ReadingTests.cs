using CompressionHost.Abstractions;

namespace CompressionHost.Recipes.Tests;

public sealed class ReadingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_section_is_bound()
    {
        var recipe = Valid(ValidRecipe.Text);

        Assert.Equal("ternaryclip-q-all", recipe.Name);
        Assert.Equal(42, recipe.Seed);
        Assert.Equal(("Contoso.LogQuantizer", "[1.0,2.0)"), (recipe.Plugins[0].Id, recipe.Plugins[0].Version));
        Assert.Equal("hf:openai/clip-vit-base-patch32", Assert.IsType<LoaderOptions>(recipe.Teacher!.Options).Model);
        Assert.Null(recipe.Student);
        Assert.Equal(["retrieval", "train", "zeroshot"], recipe.Data.Keys.Order());
        Assert.Equal(Path.Combine(_folder.Path, "data", "train.csv"), Assert.IsType<CaptionsOptions>(recipe.Data["train"].Options).Path);
        Assert.Equal([["*.token_embedding.weight"], ["*.mlp.fc1.weight", "*.mlp.fc2.weight"], ["*"]], recipe.Quantize.Select(r => r.Match));
        Assert.Equal(new TernaryOptions(), recipe.Quantize[1].Quantizer!.Options);
        Assert.Null(recipe.Quantize[2].Quantizer);
        var distill = recipe.Distill!;
        Assert.Equal(("train", 2000, 128, ComputePrecision.Bfloat16), (distill.Data, distill.Steps, distill.Batch, distill.Precision));
        Assert.Equal(3e-4, distill.Optimizer.Lr);
        Assert.Equal((Extent.OfRun(0.05), 0.1), (distill.Schedule.Warmup, distill.Schedule.Floor));
        Assert.Equal(Extent.OfRun(0.2), distill.Ramp);
        Assert.Equal([("contrastive", 1.0), ("crd", 1.0), ("fd", 2000.0)], distill.Losses.Select(l => (l.Loss.Stage.Name, l.Weight)));
        Assert.Equal(["native", "gguf"], recipe.Pack.Select(p => p.Stage.Name));
        Assert.Equal([("zero-shot", "zeroshot"), ("retrieval", "retrieval")], recipe.Evaluate.Select(e => (e.Name, e.Data)));
        Assert.Equal([1, 8], recipe.Benchmark[0].Batch);
        Assert.Equal([1, 2], recipe.Benchmark[0].Threads);
        Assert.Equal(
            [("zero-shot.top1", null, null, 0.0135), ("size.ratio", 16.98, null, null), ("size.bytes", null, 20e6, null), ("latency.x64.image.b8.t2.ms", null, 50, null)],
            recipe.Gates.Select(g => (g.Metric, g.Min, g.Max, g.MaxDrop is { } drop ? Math.Round(drop.Fraction, 12) : (double?)null)));
        Assert.Equal(Path.Combine(_folder.Path, "recipe.yaml"), recipe.Path);
    }

    [Fact]
    public void Two_benchmarks_of_a_backend_are_told_apart_by_name()
    {
        var recipe = Valid(ValidRecipe.Text
            .Replace("threads: [1, 2] } ]", "threads: [1, 2] }, { use: x64, batch: [8], threads: [2], as: x64-again } ]", StringComparison.Ordinal)
            .Replace("metric: latency.x64.image.b8.t2.ms", "metric: latency.x64-again.image.b8.t2.ms", StringComparison.Ordinal));
        Assert.Equal([("x64", "x64"), ("x64-again", "x64")], recipe.Benchmark.Select(b => (b.Name, b.Backend.Stage.Name)));
        Assert.Equal(["latency.x64-again.image.b8.t2.ms", "latency.x64-again.text.b8.t2.ms"], MetricNames.Latencies(recipe.Benchmark[1]));
    }

    private Recipe Valid(string text, params string[] sets)
    {
        var result = _folder.Read(text, sets);
        Assert.Empty(result.Diagnostics);
        return result.Recipe!;
    }

    [Fact]
    public void The_resolved_recipe_reads_back_as_the_same_recipe_from_anywhere()
    {
        var recipe = Valid(ValidRecipe.Text);
        using var elsewhere = new TemporaryFolder();

        var again = elsewhere.Read(recipe.ResolvedYaml);

        Assert.Empty(again.Diagnostics);
        Assert.Equal(recipe.ResolvedYaml, again.Recipe!.ResolvedYaml);
        Assert.Equal(recipe.Data["train"].Options, again.Recipe.Data["train"].Options);
        Assert.Equal(recipe.Gates.Select(g => g with { Span = default }), again.Recipe.Gates.Select(g => g with { Span = default }));
    }
}
