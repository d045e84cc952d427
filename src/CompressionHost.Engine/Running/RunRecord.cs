using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CompressionHost.Recipes;

namespace CompressionHost.Engine;

/// <summary>Writes the files that say what a run was: run.json, recipe.lock.yaml, metrics.json and the reports.</summary>
internal sealed class RunRecord(RunDirectory directory, Recipe recipe, IPluginCatalog plugins, TimeProvider clock)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly DateTimeOffset _started = clock.GetUtcNow();

    /// <summary>Writes run.json as running, and the lock file.</summary>
    public void Begin(PreparedRun prepared)
    {
        WriteRunJson("running", null, null, [], TimeSpan.Zero);
        directory.Write("recipe.lock.yaml", LockFile(prepared));
    }

    /// <summary>Writes metrics.json, report.md, junit.xml and, last, report.html.</summary>
    public RunSummary Report(PreparedRun prepared, RunOutcome outcome, IReadOnlyList<StageTiming> stages, TimeSpan duration)
    {
        var summary = SummaryBuilder.Build(prepared, outcome, stages, _started, duration, Environment(prepared));
        directory.Write("metrics.json", MetricsFile.Render(outcome.Metrics(prepared)));
        directory.Write("report.md", MarkdownReport.Render(summary));
        directory.Write("junit.xml", JUnitReport.Render(summary));
        directory.Write("report.html", HtmlReport.Render(summary));
        return summary;
    }

    /// <summary>The run ended by itself or was interrupted.</summary>
    public void End(int exitCode, IReadOnlyList<StageTiming> stages, TimeSpan duration) =>
        WriteRunJson(exitCode == ExitCodes.Interrupted ? "interrupted" : "finished", exitCode, null, stages, duration);

    /// <summary>A stage failed.</summary>
    public void Fail(Exception error, IReadOnlyList<StageTiming> stages, TimeSpan duration) =>
        WriteRunJson("failed", ExitCodes.StageFailed, error.Message, stages, duration);

    private static string Host { get; } = $"{typeof(RunRecord).Assembly.GetName().Version?.ToString(3)}";

    private IReadOnlyList<(string Label, string Value)> Environment(PreparedRun prepared) =>
    [
        ("CompressionHost", Host),
        (".NET", RuntimeInformation.FrameworkDescription),
        ("Operating system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}"),
        ("Processors", System.Environment.ProcessorCount.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ("Threads", TorchSharp.torch.get_num_threads().ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ("Precision", prepared.Recipe.Distill is { } distill ? ComputeTypes.Of(distill.Precision).ToString().ToLowerInvariant() : "float32"),
        ("Plugins", string.Join(", ", plugins.Plugins.Select(p => $"{p.Id} {p.Version}"))),
    ];

    private void WriteRunJson(string status, int? exitCode, string? error, IReadOnlyList<StageTiming> stages, TimeSpan duration) =>
        directory.Write("run.json", JsonSerializer.Serialize(
            new
            {
                status,
                exitCode,
                error,
                name = recipe.Name,
                recipe = recipe.Path,
                recipe.Seed,
                started = _started.UtcDateTime,
                seconds = Math.Round(duration.TotalSeconds, 3),
                host = Host,
                runtime = RuntimeInformation.FrameworkDescription,
                os = RuntimeInformation.OSDescription,
                architecture = RuntimeInformation.ProcessArchitecture.ToString(),
                processors = System.Environment.ProcessorCount,
                peakMemoryBytes = ProcessMemory.PeakBytes(),
                plugins = plugins.Plugins,
                stages = stages.Select(s => new { s.Name, seconds = Math.Round(s.Duration.TotalSeconds, 3), s.PeakMemoryBytes }),
            }, Options) + "\n");

    /// <summary>The resolved recipe and, in a comment block a tool can read back, digests of all it depends on.</summary>
    private string LockFile(PreparedRun prepared)
    {
        var text = new StringBuilder();
        text.AppendLine("# What this run was made of. The recipe below is complete: extends, variables and overrides are resolved.");
        text.AppendLine("lock:");
        text.AppendLine($"  host: {Quote(Host)}");
        text.AppendLine("  plugins:");
        foreach (var plugin in plugins.Plugins)
            text.AppendLine($"    - {{ id: {Quote(plugin.Id)}, version: {Quote(plugin.Version)}, sha256: {plugin.Sha256} }}");
        var files = prepared.Headers.SelectMany(h => h.Files).Distinct(StringComparer.Ordinal).ToList();
        var origins = prepared.Headers.Select(h => h.Origin).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        text.AppendLine(files.Count + origins.Count == 0 ? "  model: []" : "  model:");
        // Of a model of the hub the commit stands for the digests of its files; they may not be here yet.
        foreach (var origin in origins)
            text.AppendLine($"    - {{ hub: {Quote(origin)} }}");
        foreach (var file in files)
            text.AppendLine($"    - {{ path: {Quote(file)}, sha256: {FileDigest(file)} }}");
        text.AppendLine(prepared.Data.Count == 0 ? "  data: {}" : "  data:");
        foreach (var (name, data) in prepared.Data)
            text.AppendLine($"    {Quote(name)}: {{ samples: {data.Count}, sha256: {data.Digest()} }}");
        text.AppendLine("recipe:");
        foreach (var line in recipe.ResolvedYaml.TrimEnd().Split('\n'))
            text.AppendLine(line.Length == 0 ? "" : "  " + line.TrimEnd('\r'));
        return text.ToString().ReplaceLineEndings("\n");
    }

    private static string FileDigest(string path)
    {
        // Large reads: the hash function alone asks for a few kilobytes at a time.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 20, FileOptions.SequentialScan);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static string Quote(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";
}
