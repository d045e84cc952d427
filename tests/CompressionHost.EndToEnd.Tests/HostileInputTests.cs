namespace CompressionHost.EndToEnd.Tests;

/// <summary>Checkpoints and data sets that somebody broke, by accident or not: the right exit code, one line that names the place, nothing half done.</summary>
[Collection(typeof(TinyRunCollection))]
public sealed class HostileInputTests(TinyRun run)
{
    public static TheoryData<string> Checkpoints => [.. HostileCheckpoint.All.Keys];

    public static TheoryData<string> DataSets => [.. HostileData.All.Keys];

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public async Task A_malformed_checkpoint_ends_with_3_and_leaves_no_run(string name)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["model"]);
        foreach (var file in Directory.EnumerateFiles(run.Teacher))
            File.Copy(file, folder["model", Path.GetFileName(file)]);
        var hostile = HostileCheckpoint.All[name];
        hostile.Break(folder["model"]);
        var result = (await Cli.Run("run", run.Recipe, "--output", folder["runs"], "--quiet", "--set", $"teacher.model={folder["model"]}")).Expect(3);
        OneLine(result, ["error CH3002: teacher: ", folder["model"], .. hostile.Says]);
        Assert.False(Directory.Exists(folder["runs"]), "a run that cannot be planned leaves nothing");
    }

    [Theory]
    [MemberData(nameof(DataSets))]
    public async Task An_unusable_data_set_ends_with_its_code_and_leaves_no_half_package(string name)
    {
        using var folder = new TemporaryFolder();
        var hostile = HostileData.All[name];
        Directory.CreateDirectory(folder["data"]);
        hostile.Make(folder["data"]);
        var evaluator = hostile.Use.Contains("captions", StringComparison.Ordinal) ? "retrieval" : "zero-shot";
        folder.Write(
            "recipe.yaml",
            $$"""
            recipe: 1
            name: hostile
            teacher: { use: huggingface-clip, model: '{{run.Teacher}}' }
            data:
              test: { {{hostile.Use}} }
            evaluate: [ { use: {{evaluator}}, data: test } ]
            pack: [ { use: native } ]
            """);
        var result = (await Cli.Run(new CliOptions { Directory = folder.Path }, "run", "recipe.yaml", "--quiet")).Expect(hostile.ExitCode);
        OneLine(result, hostile.Says);
        Assert.True(
            !Directory.Exists(folder["runs"]) || !Directory.EnumerateFileSystemEntries(folder["runs"], "*tmp*", SearchOption.AllDirectories).Any(),
            "a temporary file or folder is left");
    }

    private static void OneLine(CliResult result, params IEnumerable<string> says)
    {
        var line = Assert.Single(result.ErrorLines);
        Assert.All(says, part => Assert.Contains(part, line, StringComparison.Ordinal));
        Assert.Empty(result.Output);
    }
}
