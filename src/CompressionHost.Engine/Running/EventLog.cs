namespace CompressionHost.Engine;

/// <summary>Passes events on and appends each to events.jsonl with its time, one JSON object a line.</summary>
internal sealed class EventLog : IDisposable
{
    private readonly StreamWriter _file;
    private readonly IProgress<RunEvent> _progress;
    private readonly TimeProvider _clock;

    public EventLog(string path, IProgress<RunEvent> progress, TimeProvider clock)
    {
        _file = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read)) { AutoFlush = true };
        (_progress, _clock) = (progress, clock);
    }

    public void Report(RunEvent e)
    {
        _file.WriteLine(RunEventJson.Line(e, _clock.GetUtcNow()));
        _progress.Report(e);
    }

    public void Dispose() => _file.Dispose();
}
