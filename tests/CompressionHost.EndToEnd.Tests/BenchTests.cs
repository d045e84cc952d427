using System.Runtime.InteropServices;
using System.Text.Json;

namespace CompressionHost.EndToEnd.Tests;

/// <summary><c>bench</c>, and <c>benchmark:</c> of a recipe. The times themselves are the machine's business.</summary>
[Collection(typeof(TinyRunCollection))]
public sealed class BenchTests(TinyRun run)
{
    private static readonly string[] Keys =
        ["backend", "kernel", "threads", "batch", "tower", "medianMs", "p10Ms", "p90Ms", "runs", "loadMs", "peakMemoryBytes", "baselineMemoryBytes"];

    [Fact]
    public async Task There_is_a_row_for_each_encoder_batch_and_thread_count_with_the_documented_keys()
    {
        using var json = JsonDocument.Parse(
            (await Cli.Run("bench", run.Package, "--backend", "torch", "--batch", "1,3", "--threads", "1,2", "--runs", "5", "--json")).Expect(0).Output);
        var rows = json.RootElement.EnumerateArray().ToList();
        Assert.All(rows, r => Assert.Equal(Keys, r.EnumerateObject().Select(p => p.Name)));
        var measured = rows.Select(r => (r.GetProperty("tower").GetString()!, r.GetProperty("batch").GetInt32(), r.GetProperty("threads").GetInt32())).ToHashSet();
        var asked = from tower in new[] { "image", "text" } from batch in new[] { 1, 3 } from threads in new[] { 1, 2 } select (tower, batch, threads);
        Assert.Equal(8, rows.Count);
        Assert.Equal(asked.ToHashSet(), measured);
        Assert.All(rows, r =>
        {
            Assert.Equal(("torch", "libtorch", 5), (r.GetProperty("backend").GetString(), r.GetProperty("kernel").GetString(), r.GetProperty("runs").GetInt32()));
            Assert.InRange(r.GetProperty("medianMs").GetDouble(), r.GetProperty("p10Ms").GetDouble(), r.GetProperty("p90Ms").GetDouble());
            Assert.True(r.GetProperty("p10Ms").GetDouble() > 0);
            // Opening a model loads libtorch, which takes tens of milliseconds and of megabytes at the least.
            Assert.InRange(r.GetProperty("loadMs").GetDouble(), 10, 120_000);
            Assert.InRange(r.GetProperty("peakMemoryBytes").GetInt64() - r.GetProperty("baselineMemoryBytes").GetInt64(), 20L << 20, 4L << 30);
            Assert.InRange(r.GetProperty("baselineMemoryBytes").GetInt64(), 10L << 20, 1L << 30);
        });
    }

    [Fact]
    public async Task The_table_fits_80_columns_and_names_backend_and_kernel()
    {
        var result = (await Cli.Run("bench", run.Package, "--backend", "torch", "--threads", "1", "--runs", "2", "--towers", "text")).Expect(0);
        Assert.Matches(@"(?m)^encoder +batch +threads +median +p10 +p90 +per s +load +peak$", result.Output);
        Assert.Matches(@"(?m)^text +1 +1 +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ +\d+ MB$", result.Output);
        Assert.Matches(@"(?m)^backend +torch, kernel libtorch$", result.Output);
        Assert.DoesNotContain("image", result.Output, StringComparison.Ordinal);
        Assert.All(result.Output.Split('\n'), line => Assert.True(line.Length <= 80, line));
        Assert.Empty(result.Error);
    }

    [Fact]
    public async Task A_comparison_has_a_row_a_contender_and_ratios_to_the_package()
    {
        string[] contenders = ["torch-float32", "torch-bfloat16", "onnx-float32", "onnx-int8", "onnx-int4"];
        using var json = JsonDocument.Parse(
            (await Cli.Run("bench", run.Package, "--compare", "--with", string.Join(',', contenders), "--threads", "1", "--towers", "text", "--runs", "3", "--json")).Expect(0).Output);
        var rows = json.RootElement.EnumerateArray().ToList();
        Assert.All(rows, r => Assert.Equal(["contender", .. Keys, "ratio", "ratioP10", "ratioP90", "cosine", "fileBytes"], r.EnumerateObject().Select(p => p.Name)));
        Assert.Equal(["torch", "torch", "onnx", "onnx", "onnx"], rows[1..].Select(r => r.GetProperty("backend").GetString()));
        Assert.Equal(contenders, rows[1..].Select(r => r.GetProperty("contender").GetString()));
        Assert.Equal(1.0, rows[0].GetProperty("ratio").GetDouble());
        Assert.All(rows, r =>
        {
            Assert.InRange(r.GetProperty("ratio").GetDouble(), r.GetProperty("ratioP10").GetDouble(), r.GetProperty("ratioP90").GetDouble());
            Assert.True(r.GetProperty("ratioP10").GetDouble() > 0);
            Assert.Equal(3, r.GetProperty("runs").GetInt32());
            // All are the same model.
            Assert.InRange(r.GetProperty("cosine").GetDouble(), 0.9, 1);
        });
        // The files grow with the bits of a weight.
        long Bytes(string contender) => rows.Single(r => r.GetProperty("contender").GetString() == contender).GetProperty("fileBytes").GetInt64();
        Assert.Equal(new FileInfo(run.Package).Length, rows[0].GetProperty("fileBytes").GetInt64());
        Assert.True(Bytes("onnx-float32") > Bytes("onnx-int8"));
    }

    [Fact]
    public async Task A_table_of_a_comparison_fits_80_columns_and_nothing_is_left_behind()
    {
        using var temporary = new TemporaryFolder();
        var options = new CliOptions { Environment = new Dictionary<string, string> { ["TMPDIR"] = temporary.Path } };
        var result = (await Cli.Run(options, "bench", run.Package, "--compare", "--with", "onnx-int8", "--with", "torch-float32", "--threads", "1", "--towers", "image", "--runs", "2")).Expect(0);
        Assert.Matches(@"(?m)^image, batch 1, 1 thread$", result.Output);
        Assert.Matches(@"(?m)^contender +median +ratio +p10-p90 +cosine +load +peak +file$", result.Output);
        Assert.Matches(@"(?m)^onnx-int8 +[\d.]+ +\d+\.\d\dx +[\d.]+-[\d.]+ ", result.Output);
        Assert.All(result.Output.Split('\n'), line => Assert.True(line.Length <= 80, line));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(temporary.Path), e => e.Contains("compressionhost-compare", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("error CH2001: --with 'onnx-int2' is nothing to compare with; did you mean 'onnx-int", "--compare", "--with", "onnx-int2")]
    [InlineData("error CH2001: --with says what to compare with; add --compare", "--with", "onnx-int8")]
    public async Task A_comparison_that_makes_no_sense_ends_with_2(string message, params string[] arguments)
    {
        var result = (await Cli.Run(["bench", run.Package, .. arguments])).Expect(2);
        Assert.StartsWith(message, Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_contender_that_is_made_from_a_package_needs_one()
    {
        var result = (await Cli.Run("bench", run.Teacher, "--compare", "--with", "onnx-int8")).Expect(2);
        Assert.Contains("'onnx-int8' is made from a .chpkg package", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        var all = (await Cli.Run("bench", run.Teacher, "--compare", "--threads", "1", "--towers", "text", "--runs", "1", "--json")).Expect(0);
        Assert.All(all.ErrorLines, line => Assert.Matches("^warning: 'onnx-.*; it is left out$", line));
        using var json = JsonDocument.Parse(all.Output);
        Assert.Equal(["torch", "torch-float32", "torch-bfloat16"], json.RootElement.EnumerateArray().Select(r => r.GetProperty("contender").GetString()));
    }

    [Fact]
    public async Task Of_a_link_the_size_of_the_file_it_leads_to_is_printed()
    {
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder["again.chpkg"], run.Package);
        File.CreateSymbolicLink(folder["link.chpkg"], folder["again.chpkg"]);
        using var json = JsonDocument.Parse(
            (await Cli.Run("bench", folder["link.chpkg"], "--compare", "--with", "torch-float32", "--threads", "1", "--towers", "text", "--runs", "1", "--json")).Expect(0).Output);
        Assert.All(json.RootElement.EnumerateArray(), r => Assert.Equal(new FileInfo(run.Package).Length, r.GetProperty("fileBytes").GetInt64()));
    }

    [Fact]
    public async Task A_checkpoint_can_be_timed_too()
    {
        using var json = JsonDocument.Parse((await Cli.Run("bench", run.Teacher, "--threads", "1", "--runs", "1", "--towers", "image", "--json")).Expect(0).Output);
        Assert.Equal("torch", Assert.Single(json.RootElement.EnumerateArray()).GetProperty("backend").GetString());
    }

    [Fact]
    public async Task A_recipe_times_its_package_gates_on_it_and_reports_it()
    {
        using var folder = new TemporaryFolder();
        var result = (await Cli.Run(
            "run", run.Recipe, "--output", folder.Path, "--quiet", "--set", "distill=null", "--set", "evaluate=[]", "--set", "data=null",
            "--set", "benchmark=[{use: torch, batch: [1, 2], threads: [1]}, {use: torch, precision: bfloat16, as: half}]",
            "--set", "gates=[{metric: latency.torch.text.b2.t1.ms, max: 1h}, {metric: latency.torch.image.b1.t1.ms, max: 1e-6}]")).Expect(1);
        Assert.Matches(@"(?m)^latency +torch, image, batch 1, 1 thread: [\d.]+ ms, [\d.]+ a second$", result.Output);
        Assert.Matches(@"(?m)^gate +holds +latency\.torch\.text\.b2\.t1\.ms ", result.Output);
        Assert.Matches(@"(?m)^gate +FAILED +latency\.torch\.image\.b1\.t1\.ms ", result.Output);
        var directory = Directory.EnumerateDirectories(folder.Path).Single();
        using var metrics = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(directory, "metrics.json"), TestContext.Current.CancellationToken));
        var names = metrics.RootElement.EnumerateObject().Select(p => p.Name).Where(n => n.StartsWith("latency.", StringComparison.Ordinal));
        Assert.Equal(["latency.half.image.b1.t1.ms", "latency.half.text.b1.t1.ms", "latency.torch.image.b1.t1.ms", "latency.torch.image.b2.t1.ms", "latency.torch.text.b1.t1.ms", "latency.torch.text.b2.t1.ms"], names);
        Assert.Contains("id=\"latency\"", File.ReadAllText(Path.Combine(directory, "report.html")), StringComparison.Ordinal);
        Assert.Contains("| torch | libtorch | image | 1 | 1 |", File.ReadAllText(Path.Combine(directory, "report.md")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("benchmark=[{use: trch}]", @"\(1,18\): error CH1207: .*did you mean 'torch'\?")]
    [InlineData("benchmark=[{use: torch, batch: [0]}]", @"\(1,33\): error CH")]
    [InlineData("benchmark=[{use: torch, batches: [1]}]", @"\(1,25\): error CH1003: .*did you mean 'batch'\?")]
    public async Task A_benchmark_that_is_wrong_is_reported_at_its_place(string set, string expected)
    {
        var result = (await Cli.Run("validate", run.Recipe, "--set", set)).Expect(2);
        Assert.Matches($"^--set {System.Text.RegularExpressions.Regex.Escape(set)}{expected}", Assert.Single(result.ErrorLines));
    }

    [Fact]
    public async Task A_backend_of_another_processor_is_refused_before_anything_runs()
    {
        var other = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "x64" : "arm";
        var result = (await Cli.Run("validate", run.Recipe, "--set", $"benchmark=[{{use: {other}}}]")).Expect(2);
        Assert.Matches($@"^--set .*\(1,12\): error CH1504: '{other}' cannot be timed: it is for ", Assert.Single(result.ErrorLines));
    }

    [Fact]
    public async Task A_signal_ends_it_with_130_and_leaves_nothing_behind()
    {
        using var temporary = new TemporaryFolder();
        var options = new CliOptions { Environment = new Dictionary<string, string> { ["TMPDIR"] = temporary.Path } };
        using var bench = Cli.Start(options, "bench", run.Package, "--compare", "--with", "onnx-float32", "--runs", "100000");
        // The contender's files are the first thing it writes, and it runs for hours after them.
        while (!Directory.EnumerateFiles(temporary.Path, "*.onnx", SearchOption.AllDirectories).Any())
            await Task.Delay(20, TestContext.Current.CancellationToken);
        bench.Signal(PosixSignal.SIGTERM);
        var result = (await bench.End()).Expect(130);
        Assert.Equal("stopping; the same signal again ends the process at once", Assert.Single(result.ErrorLines));
        Assert.Empty(Directory.EnumerateFileSystemEntries(temporary.Path, "compressionhost-compare-*"));
    }

    [Fact]
    public async Task A_benchmark_without_a_package_is_refused_before_anything_runs()
    {
        var result = (await Cli.Run("validate", run.Recipe, "--set", "benchmark=[{use: torch}]", "--set", "pack=[]", "--set", "gates=[]")).Expect(2);
        Assert.Contains("error CH1504: 'torch' cannot be timed", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }
}
