using System.Text;
using System.Text.Json;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Data;

/// <summary>Reads .jsonl: one JSON object a line. The keys of the first object decide which hold image and caption.</summary>
internal static class JsonLinesReader
{
    /// <exception cref="InvalidInputException">A line is malformed or a key is missing; names the line.</exception>
    public static IEnumerable<CaptionRow> Read(CaptionsOptions options)
    {
        var path = options.Path;
        using var reader = new StreamReader(path, TextFiles.StrictUtf8);
        (string Image, string Text)? keys = null;
        for (var line = 1; NextLine(reader, path, line) is { } text; line++)
        {
            if (string.IsNullOrWhiteSpace(text))
                continue;
            using var document = Parse(text, path, line);
            var row = document.RootElement;
            if (row.ValueKind != JsonValueKind.Object)
                throw Bad(path, line, "not a JSON object");
            keys ??= CaptionColumns.Choose(options, [.. row.EnumerateObject().Select(p => p.Name)], path);
            var image = String(Value(row, keys.Value.Image, path, line), keys.Value.Image, path, line);
            var caption = Value(row, keys.Value.Text, path, line);
            if (caption.ValueKind != JsonValueKind.Array)
            {
                yield return new CaptionRow(image, String(caption, keys.Value.Text, path, line), line);
                continue;
            }
            if (caption.GetArrayLength() == 0)
                throw Bad(path, line, $"'{keys.Value.Text}' is an empty array");
            foreach (var item in caption.EnumerateArray())
                yield return new CaptionRow(image, String(item, keys.Value.Text, path, line), line);
        }
    }

    private static string? NextLine(StreamReader reader, string path, int line)
    {
        try
        {
            return reader.ReadLine();
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidInputException($"{path}, at or after line {line}: not UTF-8 text; save the file as UTF-8.", path, e);
        }
    }

    private static JsonDocument Parse(string text, string path, int line)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{path}, line {line}, byte {e.BytePositionInLine + 1}: not JSON; each line is one object.", path, e);
        }
    }

    private static JsonElement Value(JsonElement row, string key, string path, int line) =>
        row.TryGetProperty(key, out var value) ? value : throw Bad(path, line, $"there is no '{key}'");

    private static string String(JsonElement value, string key, string path, int line)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw Bad(path, line, $"'{key}' is not a string");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            // Half of a surrogate pair, such as "\ud800".
            throw new InvalidInputException($"{path}, line {line}: '{key}' is not valid Unicode.", path, e);
        }
    }

    private static InvalidInputException Bad(string path, int line, string what) => new($"{path}, line {line}: {what}.", path);
}
