using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CompressionHost.Cli;

/// <summary>JSON as this program writes it: UTF-8 that people can read, no escapes beyond what JSON needs.</summary>
internal static class JsonLine
{
    /// <summary>Options of every writer here. The output is not meant to be pasted into HTML.</summary>
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Options of what a person may want to read.</summary>
    public static readonly JsonWriterOptions Indented = Options with { Indented = true };

    /// <summary>An object on one line that begins with the name of what happened and when.</summary>
    public static string Write(string name, Action<Utf8JsonWriter> body)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("event", name);
            writer.WriteString("time", TimeProvider.System.GetUtcNow());
            body(writer);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>Writes an indented document to standard output.</summary>
    public static void WriteOutput(Action<Utf8JsonWriter> body)
    {
        using var stream = Console.OpenStandardOutput();
        using (var writer = new Utf8JsonWriter(stream, Indented))
            body(writer);
        stream.Write("\n"u8);
    }
}
