using CompressionHost.Engine;

namespace CompressionHost.Cli;

/// <summary>Shows a run while it goes on.</summary>
internal interface IRunDisplay
{
    /// <summary>Does the work on the calling thread and shows the events it reports, from whichever thread they come.</summary>
    T Follow<T>(Func<IProgress<RunEvent>, T> work);
}

/// <summary>Chooses a display.</summary>
internal static class RunDisplay
{
    /// <summary>JSON lines if asked for, else nothing if quiet, else live on a terminal and plain lines elsewhere.</summary>
    public static IRunDisplay Create(LogFormat format, bool quiet)
    {
        if (quiet)
            return new QuietDisplay();
        if (format == LogFormat.Json)
            return new LineDisplay(new JsonEventLines());
        var error = Terminal.OpenError();
        return Terminal.ErrorIsLive(error) ? new LiveDisplay(error) : new LineDisplay(new PlainEventLines(TimeProvider.System));
    }
}

/// <summary>Shows nothing.</summary>
internal sealed class QuietDisplay : IRunDisplay, IProgress<RunEvent>
{
    /// <inheritdoc/>
    public T Follow<T>(Func<IProgress<RunEvent>, T> work) => work(this);

    /// <inheritdoc/>
    public void Report(RunEvent value)
    {
    }
}

/// <summary>Writes a line for the events that are worth one.</summary>
internal sealed class LineDisplay(IEventLines lines) : IRunDisplay, IProgress<RunEvent>
{
    private readonly Lock _gate = new();

    /// <inheritdoc/>
    public T Follow<T>(Func<IProgress<RunEvent>, T> work) => work(this);

    /// <inheritdoc/>
    public void Report(RunEvent value)
    {
        lock (_gate)
        {
            if (lines.Line(value) is { } line)
                StandardError.WriteLine(line);
        }
    }
}

/// <summary>Turns events into lines. Called by one thread at a time.</summary>
internal interface IEventLines
{
    /// <summary>The line of an event, or null where it gets none.</summary>
    string? Line(RunEvent e);
}

/// <summary>Every event as a JSON object, as in events.jsonl.</summary>
internal sealed class JsonEventLines : IEventLines
{
    /// <inheritdoc/>
    public string Line(RunEvent e) => RunEventJson.Line(e, TimeProvider.System.GetUtcNow());
}
