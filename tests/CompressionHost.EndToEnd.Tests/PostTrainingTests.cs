using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CompressionHost.EndToEnd.Tests;

/// <summary>
/// A checkpoint of random weights made ternary without training: the same files, rules and stages as for a ViT-B/16, on a model of 13
/// million parameters.
/// </summary>
public sealed class PostTrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("float32", 1)]
    [InlineData("float16", 3)]
    public async Task A_plan_a_run_and_an_inspection_of_a_whole_checkpoint_agree(string type, int shards)
    {
        var parameters = await MakeCheckpoint(type, shards);
        var recipe = _folder.Write("ptq.yaml", Recipe);
        using var plan = JsonDocument.Parse((await Cli.Run("plan", recipe, "--json")).Expect(0).Output);
        (await Cli.Run("run", recipe, "--output", _folder["runs"], "--quiet")).Expect(0);
        var run = Directory.EnumerateDirectories(_folder["runs"]).Single();
        var package = Path.Combine(run, "package", "native", "model.chpkg");
        var bytes = new FileInfo(package).Length;

        Assert.InRange((double)plan.RootElement.GetProperty("packageBytes").GetInt64() / bytes, 0.98, 1.02);
        using var record = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(run, "run.json"), TestContext.Current.CancellationToken));
        // The fixed part, runtime and libtorch, dominates here and is another one on another system.
        var peak = record.RootElement.GetProperty("peakMemoryBytes").GetDouble();
        Assert.InRange(plan.RootElement.GetProperty("peakMemoryBytes").GetInt64() / peak, 0.5, 2);

        using var inspection = JsonDocument.Parse((await Cli.Run("inspect", package, "--json")).Expect(0).Output);
        var root = inspection.RootElement;
        var tensors = root.GetProperty("tensors").EnumerateArray().Select(Tensor).ToList();
        var ternary = tensors.Where(t => t.Scheme == "ternary").ToList();
        Assert.Equal(parameters, root.GetProperty("parameters").GetInt64());
        Assert.Equal(parameters, tensors.Sum(t => t.Count));
        Assert.Equal(bytes, root.GetProperty("bytes").GetInt64());
        Assert.Equal(parameters * 4, root.GetProperty("float32Bytes").GetInt64());
        Assert.Equal(parameters * 4.0 / bytes, root.GetProperty("ratio").GetDouble(), 6);
        Assert.Equal(ternary.Sum(t => t.Count) / (double)parameters, root.GetProperty("ternaryShare").GetDouble(), 6);
        Assert.Equal(ternary.Sum(t => t.Count * t.Zeros) / ternary.Sum(t => t.Count), root.GetProperty("zeros").GetDouble(), 6);

        Assert.All(plan.RootElement.GetProperty("sites").EnumerateArray(), site =>
        {
            var tensor = Assert.Single(tensors, t => t.Name == site.GetProperty("name").GetString());
            Assert.Equal("ternary", tensor.Scheme);
            Assert.Equal(site.GetProperty("bytesAfter").GetInt64(), tensor.Bytes);
        });
        Assert.Equal(plan.RootElement.GetProperty("sites").GetArrayLength(), ternary.Count);
        Assert.True(parameters * 4 >= 14 * bytes, $"{bytes} bytes for {parameters} parameters");
        // Uniform or normal, a random weight is below the mean absolute one at least half of the time.
        Assert.InRange(root.GetProperty("zeros").GetDouble(), 0.5, 0.65);
    }

    [Fact]
    public async Task Every_file_of_the_checkpoint_is_in_the_lock_file()
    {
        await MakeCheckpoint("float16", 2);
        (await Cli.Run("run", _folder.Write("ptq.yaml", Recipe), "--output", _folder["runs"], "--quiet")).Expect(0);
        var text = await File.ReadAllTextAsync(Path.Combine(Directory.EnumerateDirectories(_folder["runs"]).Single(), "recipe.lock.yaml"), TestContext.Current.CancellationToken);
        string[] names = ["config.json", "preprocessor_config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "vocab.json", "merges.txt"];
        Assert.All(names, name => Assert.Matches($@"- {{ path: '[^']*{Regex.Escape(name)}', sha256: [0-9a-f]{{64}} }}", text));
    }

    private async Task<long> MakeCheckpoint(string type, int shards)
    {
        var result = (await Cli.Run(
            new CliOptions { Program = Cli.MakeCheckpoint },
            "--output", _folder["model"], "--dtype", type, "--shards", shards.ToString(CultureInfo.InvariantCulture), "--patch", "32", "--embedding", "256",
            "--vision-width", "256", "--vision-depth", "6", "--vision-heads", "4", "--text-width", "256", "--text-depth", "6", "--text-heads", "4",
            "--vocabulary", "12000")).Expect(0);
        return long.Parse(Regex.Match(result.Output, @"(\d+) parameters").Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private static (string Name, string Scheme, long Count, double Zeros, long Bytes) Tensor(JsonElement tensor)
    {
        var zeros = tensor.GetProperty("zeros");
        return (
            tensor.GetProperty("name").GetString()!, tensor.GetProperty("scheme").GetString()!,
            tensor.GetProperty("shape").EnumerateArray().Aggregate(1L, (count, d) => count * d.GetInt64()),
            zeros.ValueKind == JsonValueKind.Number ? zeros.GetDouble() : 0, tensor.GetProperty("bytes").GetInt64());
    }

    private const string Recipe =
        """
        recipe: 1
        name: ptq
        threads: 1
        teacher: { use: huggingface-clip, model: ./model }
        student: { use: from-teacher }
        quantize:
          - { match: "*", use: ternary }
        pack: [ { use: native } ]
        """;
}
