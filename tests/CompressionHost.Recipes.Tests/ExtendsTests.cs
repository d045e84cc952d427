namespace CompressionHost.Recipes.Tests;

public sealed class ExtendsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_chain_merges_and_each_path_starts_from_the_file_that_writes_it()
    {
        _folder.Write("base/models/root.yaml", "recipe: 1\nteacher: { use: open-clip, model: ./weights, tokenizer: ./words }\nvariables: { data: ./unset }\n");
        _folder.Write("base/clip.yaml", "extends: ./models/root.yaml\nseed: 1\ndata: { train: { use: captions, path: \"${data}/train.csv\" }, spare: { use: captions, path: spare.csv } }\n");
        var result = _folder.Read("recipe: 1\nname: m\nextends: base/clip.yaml\nseed: 2\nteacher: { tokenizer: other }\nvariables: { data: here }\nevaluate: [ { use: zero-shot, data: train } ]\n");

        Assert.Empty(result.Diagnostics);
        var recipe = result.Recipe!;
        Assert.Equal(2, recipe.Seed);
        Assert.Equal(new OpenClipOptions { Model = In("base/models/weights"), Tokenizer = In("other") }, recipe.Teacher!.Options);
        Assert.Equal(In("here/train.csv"), ((CaptionsOptions)recipe.Data["train"].Options).Path);
        Assert.Equal(In("base/spare.csv"), ((CaptionsOptions)recipe.Data["spare"].Options).Path);
    }

    [Fact]
    public void A_section_set_to_nothing_is_not_inherited()
    {
        _folder.Write("base.yaml", ValidRecipe.Text);

        var result = _folder.Read("extends: base.yaml\ndistill: null\ngates: []\n");

        Assert.Empty(result.Diagnostics);
        Assert.Null(result.Recipe!.Distill);
        Assert.DoesNotContain("distill", result.Recipe.ResolvedYaml, StringComparison.Ordinal);
    }

    [Fact]
    public void The_resolved_recipe_extends_nothing()
    {
        _folder.Write("base.yaml", ValidRecipe.Text);
        var derived = _folder.Read("extends: base.yaml\n").Recipe!;

        Assert.Equal(_folder.Read(ValidRecipe.Text).Recipe!.ResolvedYaml, derived.ResolvedYaml);
        Assert.DoesNotContain("extends", derived.ResolvedYaml, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chain_without_end_is_stopped()
    {
        for (var i = 1; i < 60; i++)
            _folder.Write($"r{i}.yaml", $"extends: r{i + 1}.yaml\n");

        Assert.Contains(_folder.Read("extends: r1.yaml\n").Diagnostics, d => d.Code == DiagnosticCodes.TooLarge);
    }

    private string In(string path) => Path.GetFullPath(path, _folder.Path);
}
