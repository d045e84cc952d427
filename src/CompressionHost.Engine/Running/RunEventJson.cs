using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CompressionHost.Engine;

/// <summary>Events as JSON: the lines of events.jsonl and of <c>run --log json</c>.</summary>
public static class RunEventJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    /// <summary>An event as one line of JSON: its kind under <c>event</c>, then its properties.</summary>
    public static string Line(RunEvent e, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(e);
        var properties = JsonSerializer.SerializeToNode(e, e.GetType(), Options)!.AsObject();
        var line = new JsonObject
        {
            ["time"] = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
            ["event"] = JsonNamingPolicy.CamelCase.ConvertName(e.GetType().Name),
        };
        foreach (var (name, value) in properties.ToList())
        {
            properties.Remove(name);
            line[name] = value;
        }
        return line.ToJsonString(Options);
    }
}
