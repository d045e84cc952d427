namespace CompressionHost.Recipes.Tests;

public sealed class OverrideTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private Recipe Valid(params string[] sets)
    {
        var result = _folder.Read(ValidRecipe.Text, sets);
        Assert.Empty(result.Diagnostics);
        return result.Recipe!;
    }

    [Theory]
    [InlineData("distill.steps=200", "steps: 2000", "steps: 200")]
    [InlineData("name=other", "name: ternaryclip-q-all", "name: other")]
    [InlineData("gates.1.min=12", "min: 16.98", "min: 12")]
    [InlineData("gates[1].min=12", "min: 16.98", "min: 12")]
    [InlineData("distill.losses[2].weight=1", "weight: 2000", "weight: 1")]
    [InlineData("distill.optimizer={lr: 1e-2}", "optimizer: { use: adamw, lr: 3e-4, betas: [0.9, 0.98], weightDecay: 0 }", "optimizer: {lr: 1e-2}")]
    [InlineData("quantize.0.match=\"*.fc1.weight\"", "\"*.token_embedding.weight\"", "\"*.fc1.weight\"")]
    [InlineData("distill.checkpointEvery=10", "  ramp: 20%", "  ramp: 20%\n  checkpointEvery: 10")]
    [InlineData("benchmark[0].batch=[4]", "batch: [1, 8], threads: [1, 2] } ]", "batch: [4], threads: [1, 2] } ]")]
    public void An_override_is_the_same_as_the_edited_file(string set, string before, string after)
    {
        Assert.Contains(before, ValidRecipe.Text, StringComparison.Ordinal);
        var text = ValidRecipe.Text.Replace("  - { metric: latency.x64.image.b8.t2.ms, max: 50ms }", "", StringComparison.Ordinal);
        var overridden = _folder.Read(text, set);
        var edited = _folder.Read(text.Replace(before, after, StringComparison.Ordinal));

        Assert.Empty(edited.Diagnostics);
        Assert.Empty(overridden.Diagnostics);
        Assert.Equal(edited.Recipe!.ResolvedYaml, overridden.Recipe!.ResolvedYaml);
    }

    [Fact]
    public void The_last_of_several_wins_and_others_keep_their_effect()
    {
        var recipe = Valid("distill.steps=1", "distill.batch=2", "distill.steps=3");

        Assert.Equal((3, 2), (recipe.Distill!.Steps, recipe.Distill.Batch));
        Assert.Equal(recipe.ResolvedYaml, Valid("distill.batch=2", "distill.steps=3").ResolvedYaml);
        Assert.Equal(recipe.ResolvedYaml, Valid("distill.steps=3", "distill.batch=2").ResolvedYaml);
    }

    [Fact]
    public void Overrides_without_values_to_change_change_nothing() => Assert.Equal(Valid().ResolvedYaml, Valid("seed=42", "distill.ramp=20%").ResolvedYaml);

    [Fact]
    public void A_section_set_to_nothing_is_gone()
    {
        Assert.Null(Valid("distill=null").Distill);
        Assert.Empty(Valid("benchmark=", "gates=[]").Benchmark);
        Assert.Null(Valid("distill.clipGradients=null").Distill!.ClipGradients);
    }

    [Fact]
    public void An_override_that_takes_the_last_use_away_makes_nothing_unused()
    {
        Assert.Equal("other", Path.GetFileName(((LoaderOptions)Valid("teacher.model=./other").Teacher!.Options).Model));
        Assert.Empty(Valid("evaluate=[]", "gates=[]").Evaluate);
    }

    [Fact]
    public void A_path_in_an_override_starts_from_the_working_directory()
    {
        var expected = Path.Combine(Environment.CurrentDirectory, "elsewhere", "train.csv");

        Assert.Equal(expected, ((CaptionsOptions)Valid("data.train.path=./elsewhere/train.csv").Data["train"].Options).Path);
        // A path that begins with a variable starts where the variable was set.
        Assert.Equal(expected, ((CaptionsOptions)Valid("variables.data=./elsewhere").Data["train"].Options).Path);
    }

    [Fact]
    public void Data_and_evaluations_can_be_added()
    {
        var recipe = Valid("data.extra={use: captions, path: ./x.csv}", "evaluate.1.data=extra");

        Assert.Equal("extra", recipe.Evaluate[1].Data);
    }
}
