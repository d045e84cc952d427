using System.Text.RegularExpressions;

namespace CompressionHost.EndToEnd.Tests;

/// <summary><c>quantize</c>: a run without a recipe.</summary>
[Collection(typeof(TinyRunCollection))]
public sealed class QuantizeTests(TinyRun run) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_recipe_it_prints_gives_the_same_bytes_when_it_is_run()
    {
        var quantized = (await Cli.Run("quantize", run.Teacher, "--to", "ternary", "--calibrate", "hqq", "--threads", "1", "--output", _folder["a"], "--quiet")).Expect(0);
        var kept = Directory.EnumerateFiles(_folder["a"], "*.yaml").Single();
        var text = await File.ReadAllTextAsync(kept, TestContext.Current.CancellationToken);
        Assert.StartsWith(text, quantized.Output, StringComparison.Ordinal);

        var copy = _folder.Write("copy.yaml", text);
        (await Cli.Run("run", copy, "--output", _folder["b"], "--quiet")).Expect(0);
        Assert.Equal(TinyRun.PackageDigests(_folder["a"]), TinyRun.PackageDigests(_folder["b"]));
    }

    [Fact]
    public async Task Data_is_recognized_by_what_lies_at_its_path_and_calibrates_with_gptq()
    {
        foreach (var name in new[] { "cat/0", "cat/1", "dog/0", "dog/1" })
            _folder.Write($"images/{name}.png", Pictures.White());

        var result = (await Cli.Run(
            "quantize", run.Teacher, "--to", "{use: ternary, group: 16}", "--data", _folder["images"], "--samples", "4", "--keep", "*.token_embedding.weight",
            "--threads", "1", "--output", _folder["runs"], "--quiet")).Expect(0);

        Assert.Contains("use: image-folder", result.Output, StringComparison.Ordinal);
        Assert.Contains("use: gptq", result.Output, StringComparison.Ordinal);
        var report = await File.ReadAllTextAsync(Path.Combine(Directory.EnumerateDirectories(_folder["runs"]).Single(), "events.jsonl"), TestContext.Current.CancellationToken);
        Assert.Equal(15, Regex.Count(report, "\"event\":\"siteCalibrated\""));
    }

    [Theory]
    [InlineData("calibrator 'gptq' looks at the inputs of layers", "--to", "ternary", "--calibrate", "gptq")]
    [InlineData("calibrator 'hqq' looks at the weights alone", "--to", "ternary", "--calibrate", "hqq", "--data", ".")]
    [InlineData("no loaded plugin has a quantizer named 'ternarry'", "--to", "ternarry")]
    [InlineData("data 'missing' does not exist", "--to", "ternary", "--data", "missing")]
    public async Task What_cannot_be_done_is_said_before_anything_runs(string message, params string[] arguments)
    {
        var result = (await Cli.Run(["quantize", run.Teacher, .. arguments, "--output", _folder["runs"]])).Expect(2);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["runs"]));
    }

    [Fact]
    public async Task A_folder_that_is_no_checkpoint_is_refused_with_those_it_knows()
    {
        var result = (await Cli.Run("quantize", _folder[""], "--to", "ternary")).Expect(2);
        Assert.Contains("open_clip_config.json", result.Error, StringComparison.Ordinal);
    }
}
