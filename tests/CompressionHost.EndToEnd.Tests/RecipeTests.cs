using System.Text.Json;

namespace CompressionHost.EndToEnd.Tests;

public sealed class RecipeTests
{
    private const string Broken =
        """
        recipe: 1
        name: broken
        seed: many
        teacher: { use: huggingface-klip, model: ./x }
        data:
          train: { use: sprites, count: -5 }
        distill:
          data: trian
          steps: 10
          optimiser: { use: adamw }
          losses: [ { use: contrastive } ]
        """;

    [Fact]
    public async Task Validate_reports_all_errors_at_once_in_the_compilers_form()
    {
        using var folder = new TemporaryFolder();
        folder.Write("broken.yaml", Broken);
        var result = (await Cli.Run(new CliOptions { Directory = folder.Path }, "validate", "broken.yaml")).Expect(2);
        Assert.All(result.ErrorLines, line => Assert.Matches(@"^broken\.yaml\(\d+,\d+\): error CH1\d{3}: \S", line));
        Assert.Contains(result.ErrorLines, line => line.StartsWith("broken.yaml(3,7)", StringComparison.Ordinal));
        Assert.Contains(result.ErrorLines, line => line.StartsWith("broken.yaml(4,17)", StringComparison.Ordinal) && line.Contains("'huggingface-clip'", StringComparison.Ordinal));
        Assert.Contains(result.ErrorLines, line => line.StartsWith("broken.yaml(6,33)", StringComparison.Ordinal));
        Assert.Contains(result.ErrorLines, line => line.StartsWith("broken.yaml(8,9)", StringComparison.Ordinal) && line.Contains("'train'", StringComparison.Ordinal));
        Assert.Contains(result.ErrorLines, line => line.StartsWith("broken.yaml(10,3)", StringComparison.Ordinal) && line.Contains("'optimizer'", StringComparison.Ordinal));
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task A_broken_recipe_does_not_run_and_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        folder.Write("broken.yaml", Broken);
        var result = (await Cli.Run(new CliOptions { Directory = folder.Path }, "run", "broken.yaml", "--log", "json")).Expect(2);
        Assert.True(result.ErrorLines.Count >= 5, result.Error);
        Assert.All(result.ErrorLines, line =>
        {
            using var json = JsonDocument.Parse(line);
            Assert.Equal("error", json.RootElement.GetProperty("event").GetString());
            Assert.Equal("broken.yaml", json.RootElement.GetProperty("file").GetString());
            Assert.InRange(json.RootElement.GetProperty("line").GetInt32(), 3, 10);
        });
        Assert.Equal([folder["broken.yaml"]], Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task A_bad_override_names_the_override()
    {
        using var folder = new TemporaryFolder();
        folder.Write("empty.yaml", "recipe: 1\nname: empty\n");
        var result = (await Cli.Run("validate", folder["empty.yaml"], "--set", "distill")).Expect(2);
        Assert.Contains(result.ErrorLines, line => line.StartsWith("--set distill(1,1): error CH1203: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Schema_is_json_and_knows_the_options_of_plugins()
    {
        var result = (await Cli.Run("schema")).Expect(0);
        using var json = JsonDocument.Parse(result.Output);
        Assert.Equal(JsonValueKind.Object, json.RootElement.ValueKind);
        Assert.True(json.RootElement.TryGetProperty("$schema", out _));
        Assert.Contains("\"sprites\"", result.Output, StringComparison.Ordinal);
        Assert.Contains("\"checkpointEvery\"", result.Output, StringComparison.Ordinal);
    }
}
