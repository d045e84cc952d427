using System.Text;
using System.Text.Json;

namespace CompressionHost.Engine;

/// <summary>Renders metrics.json.</summary>
public static class MetricsFile
{
    /// <summary>One flat JSON object, names in ordinal order, one a line.</summary>
    /// <param name="metrics">Names to values; fractions, bytes, milliseconds.</param>
    /// <returns>
    /// JSON whose numbers read back as the same doubles. A value that is not finite, which JSON has no number for, is <c>null</c>: a
    /// consumer sees that the metric was measured and has no value, and cannot take it for zero or for never asked.
    /// </returns>
    public static string Render(IReadOnlyDictionary<string, double> metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            foreach (var (name, value) in metrics.OrderBy(m => m.Key, StringComparer.Ordinal))
            {
                if (double.IsFinite(value))
                    json.WriteNumber(name, value);
                else
                    json.WriteNull(name);
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) + "\n";
    }
}
