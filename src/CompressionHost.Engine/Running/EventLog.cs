using System.Text.Json;
using System.Text.Json.Nodes;

namespace CompressionHost.Engine;

/// <summary>Passes events on and appends each to events.jsonl with its time, one JSON object a line.</summary>
internal sealed class EventLog : IDisposable
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);
    private readonly StreamWriter _file;
    private readonly IProgress<RunEvent> _progress;
    private readonly TimeProvider _clock;

    public EventLog(string path, IProgress<RunEvent> progress, TimeProvider clock)
    {
        _file = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read)) { AutoFlush = true };
        (_progress, _clock) = (progress, clock);
    }

    /// <summary>An event as one line of JSON: its kind under <c>event</c>, then its properties.</summary>
    public static string Line(RunEvent e, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(e);
        var properties = JsonSerializer.SerializeToNode(e, e.GetType(), Options)!.AsObject();
        var line = new JsonObject
        {
            ["time"] = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture),
            ["event"] = JsonNamingPolicy.CamelCase.ConvertName(e.GetType().Name),
        };
        foreach (var (name, value) in properties.ToList())
        {
            properties.Remove(name);
            line[name] = value;
        }
        return line.ToJsonString(Options);
    }

    public void Report(RunEvent e)
    {
        _file.WriteLine(Line(e, _clock.GetUtcNow()));
        _progress.Report(e);
    }

    public void Dispose() => _file.Dispose();
}
