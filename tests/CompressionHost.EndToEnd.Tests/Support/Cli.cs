using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace CompressionHost.EndToEnd.Tests;

/// <summary>Starts the built command line as its own process, as a user or a pipeline would.</summary>
internal static class Cli
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <summary>The built program.</summary>
    public static string Path { get; } = Built("CliPath");

    /// <summary>The built tool that writes checkpoints with random weights.</summary>
    public static string MakeCheckpoint { get; } = Built("MakeCheckpointPath");

    /// <summary>Runs to the end.</summary>
    public static Task<CliResult> Run(params IEnumerable<string> arguments) => Run(new CliOptions(), arguments);

    /// <summary>Runs to the end with an environment or a working directory.</summary>
    public static async Task<CliResult> Run(CliOptions options, params IEnumerable<string> arguments)
    {
        using var run = Start(options, arguments);
        return await run.End();
    }

    /// <summary>Starts it and lets the caller watch.</summary>
    public static RunningCli Start(CliOptions options, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = options.Directory ?? Environment.CurrentDirectory,
        };
        start.ArgumentList.Add(options.Program);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in options.Environment)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new RunningCli(process, Limit);
    }

    private static string Built(string key) => typeof(Cli).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}

/// <summary>How to start the program.</summary>
internal sealed record CliOptions
{
    /// <summary>What to start.</summary>
    public string Program { get; init; } = Cli.Path;

    /// <summary>Working directory; the tests' own if null.</summary>
    public string? Directory { get; init; }

    /// <summary>More environment variables.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}

/// <summary>What a run left.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record CliResult(int ExitCode, string Output, string Error)
{
    /// <summary>Lines of standard error that are not empty.</summary>
    public IReadOnlyList<string> ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>This result, if it ended with that code.</summary>
    public CliResult Expect(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode} instead of {exitCode}\n--- output\n{Output}\n--- error\n{Error}");
        return this;
    }
}

/// <summary>A program that runs.</summary>
internal sealed class RunningCli : IDisposable
{
    private readonly Process _process;
    private readonly TimeSpan _limit;
    private readonly Task<string> _output;
    private readonly Task _reading;
    private readonly List<string> _lines = [];
    private readonly List<(Func<string, bool> Match, TaskCompletionSource<string> Found)> _waiting = [];

    public RunningCli(Process process, TimeSpan limit)
    {
        (_process, _limit) = (process, limit);
        _output = process.StandardOutput.ReadToEndAsync();
        _reading = ReadError();
    }

    /// <summary>Waits for a line of standard error.</summary>
    /// <exception cref="InvalidOperationException">The program ended without it.</exception>
    public Task<string> Line(Func<string, bool> match)
    {
        lock (_lines)
        {
            if (_lines.Find(l => match(l)) is { } seen)
                return Task.FromResult(seen);
            if (_reading.IsCompleted)
                throw Missing();
            var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((match, found));
            return found.Task.WaitAsync(_limit);
        }
    }

    /// <summary>Waits for the end.</summary>
    public async Task<CliResult> End()
    {
        using var limit = new CancellationTokenSource(_limit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException($"still running after {_limit}; standard error so far:\n{ErrorText()}");
        }
        await _reading;
        return new CliResult(_process.ExitCode, await _output, ErrorText());
    }

    /// <summary>SIGKILL: nothing of the program runs any more.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Sends SIGINT, as Ctrl-C does, or SIGTERM.</summary>
    public void Signal(PosixSignal signal)
    {
        var number = signal == PosixSignal.SIGINT ? 2 : 15;
        Assert.Equal(0, SendSignal(_process.Id, number));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private async Task ReadError()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_lines)
            {
                _lines.Add(line);
                foreach (var (match, found) in _waiting)
                {
                    if (match(line))
                        found.TrySetResult(line);
                }
            }
        }
        lock (_lines)
        {
            foreach (var (_, found) in _waiting)
                found.TrySetException(Missing());
        }
    }

    private InvalidOperationException Missing() => new($"the program ended without the expected line:\n{ErrorText()}");

    private string ErrorText()
    {
        lock (_lines)
            return string.Join('\n', _lines);
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}
