using System.Text.Json;

namespace CompressionHost.EndToEnd.Tests;

/// <summary>What a finished run leaves and prints.</summary>
[Collection(typeof(TinyRunCollection))]
public sealed class RunTests(TinyRun run)
{
    [Fact]
    public void The_run_directory_has_every_file()
    {
        run.Result.Expect(0);
        string[] files = ["run.json", "recipe.lock.yaml", "metrics.json", "events.jsonl", "report.html", "report.md", "junit.xml"];
        Assert.All(files, name => Assert.True(new FileInfo(Path.Combine(run.Directory, name)) is { Exists: true, Length: > 0 }, name));
        Assert.Matches(@"^tiny-\d{8}T\d{6}Z-[0-9a-f]{8}$", Path.GetFileName(run.Directory));
        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(run.Directory, "checkpoints")));
        Assert.True(new FileInfo(run.Package).Length > 0);
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(run.Directory), p => Path.GetFileName(p).Contains("tmp", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Metrics_are_flat_finite_and_of_every_model()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(run.Directory, "metrics.json")));
        var metrics = json.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetDouble());
        string[] keys =
        [
            "teacher.zero-shot.top1", "ptq.zero-shot.top1", "student.zero-shot.top1", "student.retrieval.imageToText.r1", "size.bytes", "size.float32Bytes", "size.ratio",
        ];
        Assert.All(keys, key => Assert.Contains(key, metrics));
        Assert.All(metrics, m => Assert.True(double.IsFinite(m.Value), m.Key));
        Assert.Equal(metrics["size.float32Bytes"] / metrics["size.bytes"], metrics["size.ratio"], 9);
        Assert.Equal(new FileInfo(run.Package).Length, metrics["size.bytes"]);
    }

    [Fact]
    public void Json_log_is_one_object_a_line_and_the_same_as_the_events_file()
    {
        var kinds = run.Result.ErrorLines.Select(Kind).ToList();
        Assert.Equal("runStarted", kinds[0]);
        Assert.Equal("runFinished", kinds[^1]);
        Assert.Contains("trainingAdvanced", kinds);
        Assert.Contains("checkpointSaved", kinds);
        Assert.Equal(File.ReadAllLines(Path.Combine(run.Directory, "events.jsonl")).Select(Kind), kinds);
    }

    [Fact]
    public void The_result_names_accuracy_size_gate_and_report_within_80_columns()
    {
        var output = run.Result.Output;
        Assert.Matches(@"(?m)^metric +teacher +PTQ +QAT$", output);
        Assert.Matches(@"(?m)^zero-shot\.top1 +\d\.\d{4} +\d\.\d{4} +\d\.\d{4}$", output);
        Assert.Matches(@"(?m)^package +native: .*\d+\.\d\dx", output);
        Assert.Matches(@"(?m)^ternary +\d+\.\d% of [\d,]+ parameters, \d+\.\d% of them zero$", output);
        Assert.Matches(@"(?m)^gate +holds +size\.ratio min 1\.5", output);
        Assert.Contains(Path.Combine(run.Directory, "report.html"), output, StringComparison.Ordinal);
        Assert.All(output.Split('\n').Where(l => !l.Contains(run.Directory, StringComparison.Ordinal)), line => Assert.True(line.Length <= 80, line));
        Assert.DoesNotContain('\u001b', output);
    }

    [Fact]
    public async Task Plain_progress_has_a_line_a_stage_and_no_escape_sequence()
    {
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string> { ["TERM"] = "xterm-256color", ["COLORTERM"] = "truecolor" };
        var result = (await Cli.Run(
            new CliOptions { Environment = environment }, "run", run.Recipe, "--output", folder.Path, "--set", "distill.steps=2", "--set", "evaluate=[]")).Expect(0);
        string[] stages = ["load teacher", "derive student", "distil", "quantize", "pack", "gate", "report"];
        Assert.All(stages, stage => Assert.Single(result.ErrorLines, l => System.Text.RegularExpressions.Regex.IsMatch(l, $@"^\[ ?\d+/\d+\] {stage} ")));
        Assert.Contains(result.ErrorLines, l => l.StartsWith("step 2/2 ", StringComparison.Ordinal));
        Assert.DoesNotContain('\u001b', result.Output + result.Error);
    }

    [Fact]
    public async Task A_failed_gate_ends_with_1_and_keeps_package_and_report()
    {
        using var folder = new TemporaryFolder();
        var result = await Cli.Run(
            "run", run.Recipe, "--output", folder.Path, "--quiet", "--set", "distill.steps=2", "--set", "evaluate=[]", "--set", "gates=[{metric: size.ratio, min: 1000}]");
        result.Expect(1);
        Assert.Empty(result.Error);
        Assert.Matches(@"(?m)^gate +FAILED +size\.ratio min 1000", result.Output);
        var directory = Directory.EnumerateDirectories(folder.Path).Single();
        Assert.True(File.Exists(Path.Combine(directory, "report.html")));
        Assert.Contains("<failure", File.ReadAllText(Path.Combine(directory, "junit.xml")), StringComparison.Ordinal);
        Assert.Single(Directory.EnumerateFiles(Path.Combine(directory, "package"), "*.chpkg", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Plan_predicts_the_package_that_the_run_wrote()
    {
        var result = (await Cli.Run("plan", run.Recipe, "--json")).Expect(0);
        using var json = JsonDocument.Parse(result.Output);
        var root = json.RootElement;
        var predicted = root.GetProperty("packageBytes").GetDouble();
        Assert.InRange(predicted / new FileInfo(run.Package).Length, 0.9, 1.1);
        Assert.True(root.GetProperty("peakMemoryBytes").GetInt64() > 0);
        Assert.Contains("distil", root.GetProperty("stages").EnumerateArray().Select(s => s.GetString()));
        Assert.All(root.GetProperty("sites").EnumerateArray(), site =>
        {
            string[] keys = ["name", "shape", "rule", "scheme", "bits", "bytesBefore", "bytesAfter"];
            Assert.Equal(keys, site.EnumerateObject().Select(p => p.Name));
            Assert.Equal("ternary", site.GetProperty("scheme").GetString());
        });
    }

    [Fact]
    public async Task Validate_says_that_the_recipe_is_valid()
    {
        var result = (await Cli.Run("validate", run.Recipe)).Expect(0);
        Assert.Matches(@"compress\.yaml: valid; 16 of 16 weight sites quantized", result.Output);
        Assert.Empty(result.Error);
    }

    private static string Kind(string line)
    {
        using var json = JsonDocument.Parse(line);
        Assert.True(json.RootElement.TryGetProperty("time", out _), line);
        return json.RootElement.GetProperty("event").GetString()!;
    }
}
