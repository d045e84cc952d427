namespace CompressionHost.Recipes.Tests;

public sealed class PreReadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private PluginRequest PreRead(string text, params string[] sets) => RecipeReader.PreRead(_folder.Write("recipe.yaml", text), sets);

    [Fact]
    public void Plugins_are_known_before_the_stages_they_bring()
    {
        var request = PreRead("recipe: 1\nplugins: [ { id: \"${p}\", version: \"[1.0,2.0)\" }, { id: B } ]\nvariables: { p: A }\nteacher: { use: not-loaded-yet, model: \"${unset}\" }\n");

        Assert.Empty(request.Diagnostics);
        Assert.Equal([("A", "[1.0,2.0)"), ("B", null)], request.Plugins.Select(p => (p.Id, p.Version)));
    }

    [Fact]
    public void Inherited_and_overridden_plugins_count()
    {
        _folder.Write("base.yaml", "plugins: [ { id: A } ]\n");

        Assert.Equal("A", Assert.Single(PreRead("extends: base.yaml\n").Plugins).Id);
        Assert.Equal("B", Assert.Single(PreRead("extends: base.yaml\n", "plugins=[{id: B}]").Plugins).Id);
        Assert.Empty(PreRead("extends: base.yaml\nplugins: null\n").Plugins);
        Assert.Empty(PreRead("recipe: 1\n").Plugins);
    }

    [Theory]
    [InlineData("plugins: [ { idd: A } ]\n", "CH1004 CH1003")]
    [InlineData("plugins: { id: A }\n", "CH1005")]
    [InlineData("plugins: [ A\n", "CH1001")]
    [InlineData("seed: 1\nseed: 2\n", "CH1002")]
    [InlineData("extends: nowhere.yaml\n", "CH1201")]
    public void Faults_are_reported_and_no_plugin_is_asked_for(string text, string codes)
    {
        var request = PreRead(text);

        Assert.Empty(request.Plugins);
        Assert.Equal(codes, string.Join(' ', request.Diagnostics.Select(d => d.Code)));
    }

    [Theory]
    [InlineData("1.0", "1.0", true)]
    [InlineData("1.0", "0.9.9", false)]
    [InlineData("1", "7.0", true)]
    [InlineData("[1.0,2.0)", "1.0.0", true)]
    [InlineData("[1.0,2.0)", "1.99.3.4", true)]
    [InlineData("[1.0,2.0)", "2.0.0.0", false)]
    [InlineData("(1.0,2.0]", "1.0", false)]
    [InlineData("(1.0,2.0]", "2.0", true)]
    [InlineData("(,2.0)", "0.1", true)]
    [InlineData("[1.2]", "1.2.0", true)]
    [InlineData("[1.2]", "1.2.1", false)]
    public void Ranges_of_versions_are_those_of_NuGet(string range, string version, bool contained) =>
        Assert.Equal(contained, VersionRange.Parse(range, null).Contains(Version.Parse(version)));

    [Theory]
    [InlineData("")]
    [InlineData("(1.2)")]
    [InlineData("[2.0,1.0]")]
    [InlineData("(1.0,1.0)")]
    [InlineData("(,)")]
    [InlineData("[1,2,3]")]
    [InlineData("1.0-beta")]
    [InlineData("1.2.3.4.5")]
    [InlineData("99999999999.0")]
    public void What_is_no_range_is_refused(string range) => Assert.False(VersionRange.TryParse(range, null, out _));
}
