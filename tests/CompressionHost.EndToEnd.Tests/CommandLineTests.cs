namespace CompressionHost.EndToEnd.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData(new string[0], "no command given")]
    [InlineData(new[] { "rnu", "x.yaml" }, "unknown command 'rnu'; did you mean 'run'?")]
    [InlineData(new[] { "frobnicate" }, "unknown command 'frobnicate'")]
    [InlineData(new[] { "plugins", "lst" }, "unknown command 'lst'; did you mean 'list'?")]
    [InlineData(new[] { "run" }, "RECIPE is missing")]
    [InlineData(new[] { "run", "a.yaml", "--ouput", "x" }, "unknown option '--ouput'; did you mean '--output'?")]
    [InlineData(new[] { "run", "a.yaml", "b.yaml" }, "unknown argument 'b.yaml'")]
    [InlineData(new[] { "run", "a.yaml", "--seed" }, "option '--seed' needs a value")]
    [InlineData(new[] { "run", "a.yaml", "--seed", "1", "--seed", "2" }, "option '--seed' is given more than once")]
    [InlineData(new[] { "run", "a.yaml", "--seed", "one" }, "--seed 'one' is not a whole number")]
    [InlineData(new[] { "run", "a.yaml", "--threads", "-1" }, "--threads '-1' is not a whole number from 0 to 1024")]
    [InlineData(new[] { "run", "a.yaml", "--log", "xml" }, "--log 'xml' is neither text nor json")]
    [InlineData(new[] { "classify", "m", "--labels", "a, b" }, "option '--image' is missing")]
    [InlineData(new[] { "bench", "m", "--batch", "1,0" }, "--batch '1,0' is not a list of whole numbers from 1 to 65536, such as 1,8")]
    [InlineData(new[] { "bench", "m", "--threads", "two" }, "--threads 'two' is not a list of whole numbers from 0 to 1024, such as 1,8")]
    [InlineData(new[] { "bench", "m", "--towers", "image,txt" }, "--towers 'txt' is neither image nor text")]
    public async Task A_command_line_that_does_not_parse_ends_with_2_and_says_why(string[] arguments, string message)
    {
        var result = (await Cli.Run(arguments)).Expect(2);
        Assert.Contains($"error CH2001: {message}", result.Error, StringComparison.Ordinal);
        Assert.Matches(@"See 'dotnet compress[ a-z]* --help'\.", result.ErrorLines[^1]);
        Assert.Empty(result.Output);
    }

    [Theory]
    [InlineData("run", "nowhere.yaml")]
    [InlineData("validate", "nowhere.yaml")]
    [InlineData("plan", "nowhere.yaml")]
    [InlineData("inspect", "nowhere.chpkg")]
    [InlineData("encode", "nowhere", "--text", "x")]
    [InlineData("bench", "nowhere")]
    [InlineData("classify", "nowhere", "--image", "a.png", "--labels", "a, b")]
    public async Task A_path_that_does_not_exist_ends_with_2(params string[] arguments)
    {
        var result = (await Cli.Run(arguments)).Expect(2);
        Assert.Matches($"^error CH2002: .*'{arguments[1]}' does not exist$", Assert.Single(result.ErrorLines));
    }

    [Fact]
    public async Task A_plugin_folder_that_does_not_exist_ends_with_2()
    {
        var result = (await Cli.Run("plugins", "list", "--plugins", "nowhere")).Expect(2);
        Assert.Equal("error CH2002: plugin folder 'nowhere' does not exist", Assert.Single(result.ErrorLines));
    }

    [Fact]
    public async Task An_output_folder_that_is_a_file_ends_with_2()
    {
        using var folder = new TemporaryFolder();
        var recipe = folder.Write("recipe.yaml", "recipe: 1\nname: x\n");
        var result = (await Cli.Run("run", recipe, "--output", recipe)).Expect(2);
        Assert.Equal($"error CH2002: output folder '{recipe}' is a file", Assert.Single(result.ErrorLines));
    }

    [Fact]
    public async Task There_is_nothing_to_encode_without_inputs()
    {
        using var folder = new TemporaryFolder();
        var result = (await Cli.Run("encode", folder.Path)).Expect(2);
        Assert.Equal("error CH2001: nothing to encode; give --image, --text or --texts", Assert.Single(result.ErrorLines));
    }

    [Theory]
    [InlineData]
    [InlineData("run")]
    [InlineData("encode")]
    [InlineData("bench")]
    [InlineData("classify")]
    [InlineData("plugins", "list")]
    public async Task Help_fits_80_columns_and_goes_to_standard_output(params string[] command)
    {
        var result = (await Cli.Run([.. command, "--help"])).Expect(0);
        Assert.Empty(result.Error);
        Assert.Contains($"dotnet compress {string.Join(' ', command)}".TrimEnd(), result.Output, StringComparison.Ordinal);
        Assert.All(result.Output.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 80, line));
    }

    [Fact]
    public async Task Help_lists_every_command_and_exit_code()
    {
        var help = (await Cli.Run("--help")).Expect(0).Output;
        string[] commands = ["run", "validate", "plan", "schema", "plugins", "inspect", "encode", "classify", "evaluate", "bench"];
        Assert.All(commands, command => Assert.Matches($@"(?m)^  {command}\b", help));
        Assert.DoesNotContain("bench-probe", help, StringComparison.Ordinal);
        Assert.All([0, 1, 2, 3, 4, 130], code => Assert.Matches($@"(?m)^ +{code} ", help));
    }

    [Fact]
    public async Task A_malformed_file_ends_with_3_and_a_trace_only_where_it_is_asked_for()
    {
        using var folder = new TemporaryFolder();
        var garbage = folder.Write("garbage.chpkg", "neither a package nor a checkpoint");
        var plain = (await Cli.Run("inspect", garbage)).Expect(3);
        Assert.StartsWith("error CH3001: ", Assert.Single(plain.ErrorLines), StringComparison.Ordinal);
        Assert.Contains(garbage, plain.Error, StringComparison.Ordinal);
        var verbose = (await Cli.Run("inspect", garbage, "--verbose")).Expect(3);
        Assert.Contains("   at CompressionHost.", verbose.Error, StringComparison.Ordinal);
        var debug = new CliOptions { Environment = new Dictionary<string, string> { ["COMPRESSIONHOST_DEBUG"] = "1" } };
        Assert.Contains("   at CompressionHost.", (await Cli.Run(debug, "inspect", garbage)).Expect(3).Error, StringComparison.Ordinal);
    }
}
