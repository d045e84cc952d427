using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CompressionHost.Engine;

namespace CompressionHost.Cli;

/// <summary>Starts this program again to open one model and use one encoder, so that load time and memory are of nothing else.</summary>
internal static class ProbeProcess
{
    /// <summary>Measures in a new process.</summary>
    /// <param name="model">The package or checkpoint.</param>
    /// <param name="backend">Name or YAML of the backend.</param>
    /// <param name="tower">The encoder.</param>
    /// <param name="batch">Inputs of the largest call.</param>
    /// <param name="threads">Threads to compute with.</param>
    /// <param name="plugins">Folders of plugins.</param>
    /// <param name="cancellationToken">Ends the process.</param>
    /// <exception cref="StageFailedException">The process failed; the message has what it said.</exception>
    public static LoadCost Measure(
        string model, string backend, Tower tower, int batch, int threads, IReadOnlyList<string> plugins, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        AddProgram(start);
        string[] arguments =
        [
            BenchProbeCommand.Name, model, "--backend", backend, "--tower", tower.Name(), "--batch", batch.ToString(CultureInfo.InvariantCulture),
            "--threads", threads.ToString(CultureInfo.InvariantCulture), .. plugins.SelectMany(p => new[] { "--plugins", p }),
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        using var stop = cancellationToken.Register(() => Kill(process));
        // Both at once: a full pipe that nobody reads would stop the process.
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        cancellationToken.ThrowIfCancellationRequested();
        return process.ExitCode == ExitCodes.Success
            ? Read(output)
            : throw new StageFailedException("bench", $"the process that measures load time and memory ended with {process.ExitCode}: {error.GetAwaiter().GetResult().Trim()}");
    }

    /// <summary>What <see cref="Measure"/> reads.</summary>
    public static void Write(Utf8JsonWriter w, LoadCost cost)
    {
        w.WriteStartObject();
        w.WriteString("kernel", cost.Kernel);
        w.WriteNumber("loadMs", cost.LoadMs);
        w.WriteNumber("peakMemoryBytes", cost.PeakMemoryBytes);
        w.WriteNumber("baselineMemoryBytes", cost.BaselineMemoryBytes);
        w.WriteEndObject();
    }

    private static LoadCost Read(string output)
    {
        using var json = JsonDocument.Parse(output);
        var root = json.RootElement;
        return new LoadCost(
            root.GetProperty("kernel").GetString()!, root.GetProperty("loadMs").GetDouble(),
            root.GetProperty("peakMemoryBytes").GetInt64(), root.GetProperty("baselineMemoryBytes").GetInt64());
    }

    /// <summary>This program: its own executable, or <c>dotnet</c> with the assembly where it was started so.</summary>
    private static void AddProgram(ProcessStartInfo start)
    {
        start.FileName = Environment.ProcessPath ?? "dotnet";
        if (Path.GetFileNameWithoutExtension(start.FileName).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }
}
