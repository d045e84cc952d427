using CompressionHost.Abstractions;

namespace CompressionHost.Recipes.Tests;

public sealed class OptionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private EverythingOptions Bind(string options)
    {
        var result = _folder.Read($"recipe: 1\nname: m\nteacher: {{ use: huggingface-clip, model: ./m }}\npack:\n  - use: everything\n    {options}\n");
        Assert.Empty(result.Diagnostics);
        return (EverythingOptions)result.Recipe!.Pack[0].Options;
    }

    [Fact]
    public void Each_type_reads_each_of_its_forms()
    {
        Assert.True(Bind("flag: True").Flag);
        Assert.Equal(255, Bind("byte: 0xFF").Byte);
        Assert.Equal(-32768, Bind("short: -32768").Short);
        Assert.Equal(8, Bind("short: 0o10").Short);
        Assert.Equal(2000, Bind("long: 2e3").Long);
        Assert.Equal(long.MinValue, Bind("long: -9223372036854775808").Long);
        Assert.Equal(ulong.MaxValue, Bind("unsigned: 18446744073709551615").Unsigned);
        Assert.Equal(3e-4f, Bind("single: 3e-4").Single);
        Assert.Equal(0.5m, Bind("money: .5").Money);
        Assert.Null(Bind("maybe: ~").Maybe);
        Assert.Equal("no", Bind("text: no").Text);
        Assert.Equal("5", Bind("text: \"5\"").Text);
        Assert.Equal("a b\n", Bind("text: |\n      a b").Text);
        Assert.Equal(ScaleRule.Learned, Bind("rule: learned").Rule);
        Assert.Equal(ScaleRule.MeanAbsolute, Bind("rule: mean-absolute").Rule);
        Assert.Equal(ScaleRule.MeanAbsolute, Bind("rule: MeanAbsolute").Rule);
        Assert.Equal(new Percentage(0.05), Bind("share: 5%").Share);
        Assert.Equal(new Percentage(0.05), Bind("share: 0.05").Share);
        Assert.Equal(Extent.OfSteps(100), Bind("part: 100").Part);
        Assert.Equal(new ByteSize(300_000_000), Bind("memory: 300 MB").Memory);
        Assert.Equal(TimeSpan.FromMinutes(90), Bind("timeout: 1h30m").Timeout);
        Assert.Equal(TimeSpan.FromMilliseconds(2500), Bind("timeout: 2500ms").Timeout);
        Assert.Equal(["one"], Bind("words: one").Words);
        Assert.Equal(2.5, Bind("factors: { a: 1, b: 2.5 }").Factors["b"]);
        Assert.Equal([1.0, 2.0], Bind("scales: [ { factor: 1 }, {} ]").Scales.Select(s => s.Factor));
    }

    [Theory]
    [InlineData("memory: NaN")]
    [InlineData("memory: -5")]
    [InlineData("share: NaN")]
    [InlineData("part: 101%")]
    [InlineData("part: -5")]
    [InlineData("timeout: 5 weeks")]
    [InlineData("timeout: 00:00:30")]
    [InlineData("short: 40000")]
    [InlineData("unsigned: -1")]
    [InlineData("text: null")]
    [InlineData("rule: 0")]
    [InlineData("words: [a, 1]")]
    [InlineData("factors: { a: b }")]
    public void What_a_type_cannot_hold_is_refused(string option) =>
        Assert.Single(_folder.Read($"recipe: 1\nname: m\nteacher: {{ use: huggingface-clip, model: ./m }}\npack:\n  - use: everything\n    {option}\n").Diagnostics);

    [Fact]
    public void Keys_that_are_absent_keep_the_defaults_of_their_place()
    {
        Assert.Equal(new ScaleOptions { Factor = 7, Rule = ScaleRule.MeanAbsolute }, Bind("scale: { rule: mean-absolute }").Scale);
        Assert.Equal(new ScaleOptions { Factor = 7, Rule = ScaleRule.Learned }, Bind("flag: true").Scale);
    }

    [Fact]
    public void Paths_are_absolute_unless_they_have_a_scheme()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

        Assert.Equal(
            [Path.Combine(_folder.Path, "a"), Path.GetFullPath("../b", _folder.Path), "/c", "hf:owner/name", "https://host/x", home + "/d"],
            Bind("files: [ a, ../b, /c, hf:owner/name, \"https://host/x\", ~/d ]").Files);
    }

    [Fact]
    public void Anchors_aliases_and_merge_keys_work_and_what_is_written_wins()
    {
        Assert.Equal([(3.0, ScaleRule.Learned), (4.0, ScaleRule.Learned)],
            Bind("scales: [ &s { factor: 3, rule: learned }, { <<: *s, factor: 4 } ]").Scales.Select(s => (s.Factor, s.Rule)));
    }

    [Fact]
    public void A_byte_order_mark_and_carriage_returns_are_read_over()
    {
        var path = Path.Combine(_folder.Path, "bom.yaml");
        File.WriteAllText(path, ValidRecipe.Text.Replace("\n", "\r\n", StringComparison.Ordinal), new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true));

        Assert.Empty(FakeStages.Reader().Read(path, []).Diagnostics);
    }

    [Fact]
    public void Files_that_are_no_text_or_too_large_are_refused()
    {
        Assert.Equal("CH1001", Code("utf16.yaml", [0xFF, 0xFE, 0x61, 0]));
        Assert.Equal("CH1001", Code("latin1.yaml", [.. "name: caf"u8, 0xE9]));
        Assert.Equal("CH1006", Code("large.yaml", new byte[RecipeText.MaxBytes + 1]));
        Assert.Equal("CH1201", Assert.Single(FakeStages.Reader().Read(_folder.Path, []).Diagnostics).Code);
        Assert.Equal("CH1201", Assert.Single(FakeStages.Reader().Read("", []).Diagnostics).Code);
    }

    [Fact]
    public void The_place_of_a_bad_byte_is_its_own()
    {
        var path = Path.Combine(_folder.Path, "bad.yaml");
        File.WriteAllBytes(path, [.. "recipe: 1\nname: caf"u8, 0xE9, .. "\n"u8]);

        Assert.Equal(new SourceSpan(path, 2, 10), Assert.Single(FakeStages.Reader().Read(path, []).Diagnostics).Span);
    }

    [Fact]
    public void Without_the_engine_any_metric_under_an_evaluation_is_accepted()
    {
        var reader = new RecipeReader(FakeStages.All);
        var path = _folder.Write("r.yaml", ValidRecipe.Text.Replace("zero-shot.top1", "zero-shot.whatever", StringComparison.Ordinal));

        Assert.Empty(reader.Read(path, []).Diagnostics);
    }

    private string Code(string name, byte[] bytes)
    {
        var path = Path.Combine(_folder.Path, name);
        File.WriteAllBytes(path, bytes);
        return Assert.Single(FakeStages.Reader().Read(path, []).Diagnostics).Code;
    }
}
