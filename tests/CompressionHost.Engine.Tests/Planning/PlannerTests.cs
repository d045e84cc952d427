using CompressionHost.Recipes;
using Microsoft.Extensions.DependencyInjection;

namespace CompressionHost.Engine.Tests;

public sealed class PlannerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddCompressionHost().BuildServiceProvider();

    public void Dispose()
    {
        _services.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_plan_counts_what_a_run_would_write()
    {
        var plan = Plan(TinyRecipe.Yaml);
        var fc1 = Assert.Single(plan.Sites, s => s.Name == "vision_model.encoder.layers.0.mlp.fc1.weight");
        Assert.Equal([128L, 32L], fc1.Shape);
        Assert.Equal("ternary", fc1.Scheme);
        Assert.Equal("*.mlp.* -> ternary", fc1.Rule);
        Assert.Equal(128 * 32 * 4, fc1.BytesBefore);
        // 2 bits a code and, because 32 is no multiple of 256, one float16 scale a row.
        Assert.Equal((128 * 32 / 4) + (128 * 2), fc1.BytesAfter);
        Assert.All(plan.Sites.Where(s => !s.Name.Contains(".mlp.", StringComparison.Ordinal)), s => Assert.Equal("float16", s.Scheme));
        Assert.Equal(["derive student", "distil", "quantize", "pack", "evaluate", "gate", "report"], plan.Stages);
    }

    [Fact]
    public void The_predicted_package_is_the_package_but_for_a_vocabulary_yet_to_be_made()
    {
        var recipe = TinyRecipe.Read(_services, TinyRecipe.Yaml, _folder["tiny.yaml"]);
        var plan = _services.GetRequiredService<Planner>().Plan(recipe);
        var run = _services.GetRequiredService<Runner>().Run(
            recipe, new RunOptions { OutputDirectory = _folder["runs"] }, new EventList(), TestContext.Current.CancellationToken);
        var written = new FileInfo(Path.Combine(run.Directory, "package", "native", "model.chpkg")).Length;
        Assert.InRange(plan.PackageBytes, written - 4096, written);
    }

    [Fact]
    public void Missing_files_are_reported_together_at_their_places()
    {
        var error = Assert.Throws<RecipeException>(() => Plan(
            """
            recipe: 1
            name: missing
            teacher: { use: huggingface-clip, model: ./nowhere }
            data:
              test: { use: image-folder, path: ./nothing }
            evaluate: [ { use: zero-shot, data: test } ]
            """));
        Assert.Equal([(3, 10), (5, 9)], error.Diagnostics.Select(d => (d.Span.Line, d.Span.Column)));
        Assert.All(error.Diagnostics, d => Assert.Equal(DiagnosticCodes.InputMissing, d.Code));
    }

    [Fact]
    public void Options_that_make_no_model_are_an_error_of_the_recipe()
    {
        string[] wrong = ["image: 32, patch: 5, vocabulary: 540", "image: 32, patch: 8"];
        foreach (var options in wrong)
        {
            var error = Assert.Throws<RecipeException>(() => Plan($"recipe: 1\nname: wrong\nstudent: {{ use: clip, {options} }}\npack: [ {{ use: native }} ]\n"));
            var fault = Assert.Single(error.Diagnostics);
            Assert.Equal((DiagnosticCodes.OptionsDoNotSuit, 3, 10), (fault.Code, fault.Span.Line, fault.Span.Column));
        }
    }

    [Theory]
    [InlineData("{ use: contrastive }", "labels: shape", "named outputs")]
    [InlineData("{ use: cross-entropy }", "seed: 1", "labels")]
    public void Losses_that_do_not_suit_model_or_data_are_an_error_of_the_recipe(string loss, string option, string what)
    {
        var error = Assert.Throws<RecipeException>(() => Plan(
            $$"""
            recipe: 1
            name: classifier
            student: { use: vit, new: { classes: [circle, square], image: 16, patch: 8, width: 32, depth: 1, heads: 2 } }
            data:
              train: { use: sprites, image: 16, count: 64, {{option}} }
            distill:
              data: train
              steps: 2
              losses:
                - {{loss}}
            pack: [ { use: native } ]
            """));
        var fault = Assert.Single(error.Diagnostics);
        Assert.Equal((DiagnosticCodes.LossDoesNotSuit, 10), (fault.Code, fault.Span.Line));
        Assert.Contains(what, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loss_of_named_outputs_does_not_suit_clip()
    {
        var error = Assert.Throws<RecipeException>(() => Plan(TinyRecipe.Yaml.Replace("contrastive", "cross-entropy", StringComparison.Ordinal)));
        Assert.Equal(DiagnosticCodes.LossDoesNotSuit, Assert.Single(error.Diagnostics).Code);
    }

    [Fact]
    public void Data_that_an_evaluator_cannot_use_is_an_error_of_the_recipe()
    {
        var error = Assert.Throws<RecipeException>(() => Plan(TinyRecipe.Yaml.Replace(", labels: shape", "", StringComparison.Ordinal)));
        var fault = Assert.Single(error.Diagnostics);
        Assert.Equal(DiagnosticCodes.DataDoesNotSuit, fault.Code);
        Assert.Contains("'test'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_that_matches_nothing_is_an_error_of_the_recipe()
    {
        var error = Assert.Throws<RecipeException>(() => Plan(TinyRecipe.Yaml.Replace("*.mlp.*", "*.mpl.*", StringComparison.Ordinal)));
        Assert.Equal(DiagnosticCodes.RuleMatchesNothing, Assert.Single(error.Diagnostics).Code);
    }

    [Fact]
    public void A_rule_that_adds_a_bias_where_there_is_none_is_an_error_that_names_the_weights()
    {
        var biased = TinyRecipe.Yaml.Replace("use: ternary", "use: ternary, deadZoneBias: 1e-3", StringComparison.Ordinal);
        Assert.NotEmpty(Plan(biased).Sites);
        var error = Assert.Throws<RecipeException>(() => Plan(biased.Replace("\"*.mlp.*\"", "[\"*.mlp.*\", \"visual_projection.*\"]", StringComparison.Ordinal)));
        var fault = Assert.Single(error.Diagnostics);
        Assert.Equal(DiagnosticCodes.NoBias, fault.Code);
        Assert.Contains("'visual_projection.weight' have none", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ use: hqq }", "")]
    [InlineData("{ use: gptq, data: train, samples: 8 }", "")]
    // The bias belongs to other codes than those of the 'ptq.' metrics, too.
    [InlineData("{ use: hqq }", "distill: { data: train, steps: 2, batch: 8, losses: [ { use: contrastive } ] }")]
    public void Calibrated_codes_do_not_go_with_the_bias_of_a_quantizers_own(string calibrate, string distill)
    {
        var text =
            $$"""
            recipe: 1
            name: biased
            student: { use: clip, image: 32, patch: 16, vision: { width: 32, depth: 1, heads: 2 }, text: { width: 32, depth: 1, heads: 2, context: 24 }, embedding: 16, vocabulary: 540 }
            data:
              train: { use: sprites, count: 64, labels: shape }
            quantize:
              - match: "*.mlp.*"
                use: ternary
                deadZoneBias: 1e-3
                calibrate: {{calibrate}}
            {{distill}}
            pack: [ { use: native } ]
            evaluate: [ { use: zero-shot, data: train } ]
            """;
        var fault = Assert.Single(Assert.Throws<RecipeException>(() => Plan(text)).Diagnostics);
        Assert.Equal((DiagnosticCodes.CalibrationDoesNotSuit, 10, 16), (fault.Code, fault.Span.Line, fault.Span.Column));
        Assert.NotEmpty(Plan(text.Replace("    deadZoneBias: 1e-3\n", "", StringComparison.Ordinal)).Sites);
    }

    [Fact]
    public void A_malformed_checkpoint_is_a_stage_that_failed_not_a_wrong_recipe()
    {
        Directory.CreateDirectory(_folder["model"]);
        File.WriteAllText(_folder["model", "config.json"], "{ not json");
        var error = Assert.Throws<StageFailedException>(() => Plan(
            """
            recipe: 1
            name: malformed
            teacher: { use: huggingface-clip, model: ./model }
            quantize: [ { match: "*", use: ternary } ]
            pack: [ { use: native } ]
            """));
        Assert.Equal("teacher", error.Stage);
        Assert.Contains("config.json", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ id: Contoso.Missing }", "'Contoso.Missing' is not loaded")]
    [InlineData("{ id: CompressionHost.Plugins.Data, version: \"[99.0,)\" }", "[99.0,)")]
    public void A_plugin_the_recipe_asks_for_must_be_there(string reference, string said)
    {
        var error = Assert.Throws<PluginLoadException>(() => Plan(TinyRecipe.Yaml + $"\nplugins: [ {reference} ]\n"));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.Contains("tiny.yaml(", error.Message, StringComparison.Ordinal);
    }

    private Plan Plan(string yaml) => _services.GetRequiredService<Planner>().Plan(TinyRecipe.Read(_services, yaml, _folder["tiny.yaml"]));
}
