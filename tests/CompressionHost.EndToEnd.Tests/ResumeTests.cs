using System.Runtime.InteropServices;
using System.Text.Json;

namespace CompressionHost.EndToEnd.Tests;

/// <summary>However a run is stopped, resuming it gives the very package that an undisturbed run gives.</summary>
[Collection(typeof(TinyRunCollection))]
public sealed class ResumeTests(TinyRun run)
{
    [Fact]
    public async Task A_killed_run_resumes_to_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        using (var killed = Start(folder.Path))
        {
            await killed.Line(l => l.Contains("\"checkpointSaved\"", StringComparison.Ordinal));
            killed.Kill();
            Assert.NotEqual(0, (await killed.End()).ExitCode);
        }
        Assert.False(Directory.Exists(Path.Combine(Directory.EnumerateDirectories(folder.Path).Single(), "package")), "the kill came too late");
        await ResumeGivesTheSame(folder.Path);
    }

    [Theory]
    [InlineData(PosixSignal.SIGINT)]
    [InlineData(PosixSignal.SIGTERM)]
    public async Task An_interrupted_run_ends_with_130_and_a_checkpoint_and_resumes_to_the_same_bytes(PosixSignal signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals of POSIX");
        // A shell starts what runs in its background with SIGINT ignored, and a child inherits that.
        Assert.SkipWhen(signal == PosixSignal.SIGINT && IsIgnored(2), "SIGINT is ignored in this process and so in those it starts");
        using var folder = new TemporaryFolder();
        using (var interrupted = Start(folder.Path))
        {
            // Before the first checkpoint that the recipe asks for, so that the one found afterwards is the interruption's.
            await interrupted.Line(l => l.Contains("\"trainingAdvanced\"", StringComparison.Ordinal));
            interrupted.Signal(signal);
            var result = (await interrupted.End()).Expect(130);
            Assert.Contains(result.ErrorLines, l => l.Contains("\"stopping\"", StringComparison.Ordinal));
            Assert.Empty(result.Output);
        }
        var directory = Directory.EnumerateDirectories(folder.Path).Single();
        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(directory, "checkpoints"), "*.safetensors"));
        Assert.False(Directory.Exists(Path.Combine(directory, "package")));
        using (var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(directory, "run.json"))))
            Assert.Equal(130, json.RootElement.GetProperty("exitCode").GetInt32());
        await ResumeGivesTheSame(folder.Path);
    }

    [Fact]
    public async Task Resuming_a_finished_run_does_nothing_and_says_so()
    {
        var result = (await Cli.Run("run", run.Recipe, "--output", Path.GetDirectoryName(run.Directory)!, "--resume", "--quiet")).Expect(0);
        Assert.Equal($"finished before: {Path.Combine(run.Directory, "report.html")}", result.Output.Trim());
    }

    private static bool IsIgnored(int signal)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        var mask = File.ReadLines("/proc/self/status").Single(l => l.StartsWith("SigIgn:", StringComparison.Ordinal)).Split('\t')[1];
        return (Convert.ToUInt64(mask, 16) >> (signal - 1) & 1) == 1;
    }

    [Fact]
    public async Task A_damaged_checkpoint_is_named_and_without_it_the_one_before_gives_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        var copy = folder["runs", Path.GetFileName(run.Directory)];
        Directory.CreateDirectory(Path.Combine(copy, "checkpoints"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(run.Directory, "checkpoints")))
            File.Copy(file, Path.Combine(copy, "checkpoints", Path.GetFileName(file)));
        File.WriteAllText(Path.Combine(copy, "run.json"), "{\"exitCode\":");
        var newest = Directory.EnumerateFiles(Path.Combine(copy, "checkpoints")).Order(StringComparer.Ordinal).Last();
        using (var stream = File.OpenWrite(newest))
            stream.SetLength(stream.Length / 2);
        var result = (await Cli.Run("run", run.Recipe, "--output", folder["runs"], "--resume", "--quiet")).Expect(3);
        Assert.Equal(
            $"error CH3002: distil: '{newest}' is damaged. Remove it to go on from the checkpoint before it, or to start anew where there is none.",
            Assert.Single(result.ErrorLines));
        File.Delete(newest);
        await ResumeGivesTheSame(folder["runs"]);
    }

    private async Task ResumeGivesTheSame(string runs)
    {
        (await Cli.Run("run", run.Recipe, "--output", runs, "--resume", "--quiet")).Expect(0);
        Assert.Equal(TinyRun.PackageDigests(Path.GetDirectoryName(run.Directory)!), TinyRun.PackageDigests(runs));
    }

    private RunningCli Start(string runs) => Cli.Start(new CliOptions(), "run", run.Recipe, "--output", runs, "--log", "json");
}
