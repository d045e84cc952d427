using System.Text.Json;
using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>An object of a configuration file: typed look-ups that name the key and the file when something is wrong.</summary>
internal readonly struct ConfigObject
{
    private readonly JsonElement _element;
    private readonly string _at;
    private readonly string? _path;

    private ConfigObject(JsonElement element, string at, string? path) => (_element, _at, _path) = (element, at, path);

    /// <summary>Parses a file whose root is an object. The object is valid until the document is disposed of.</summary>
    public static JsonDocument Parse(ReadOnlySpan<byte> json, string? path, out ConfigObject root)
    {
        // The mark that some editors put at the start of a file is not JSON.
        if (json.StartsWith("\uFEFF"u8))
            json = json[3..];
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json.ToArray());
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{path ?? "The configuration"} is not JSON: {e.Message}", path, e);
        }
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            document.Dispose();
            throw new InvalidInputException($"{path ?? "The configuration"} is not a JSON object.", path);
        }
        root = new ConfigObject(document.RootElement, "", path);
        return document;
    }

    /// <summary>Whether the key is there with a value other than null.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>Kind of the key's value; Undefined where it is absent or null.</summary>
    public JsonValueKind Kind(string key) => Find(key)?.ValueKind ?? JsonValueKind.Undefined;

    /// <summary>The value as it is written.</summary>
    public string Raw(string key) => Find(key)?.GetRawText() ?? "null";

    /// <summary>The object under a key; null where it is absent or null.</summary>
    public ConfigObject? Object(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } element => new ConfigObject(element, Name(key), _path),
        _ => throw Fault(key, "it is not an object"),
    };

    /// <summary>An object without keys, for a section that is absent.</summary>
    public ConfigObject Empty(string key) => new(default, Name(key), _path);

    /// <summary>A whole number.</summary>
    public int Integer(string key, int? absent = null)
    {
        if (Find(key) is not { } element)
            return absent ?? throw Fault(key, "it is missing");
        if (element.ValueKind == JsonValueKind.Number)
        {
            if (element.TryGetInt32(out var value))
                return value;
            if (element.TryGetDouble(out var real) && real == Math.Floor(real) && Math.Abs(real) <= int.MaxValue)
                return (int)real;
        }
        throw Fault(key, $"{element.GetRawText()} is not a whole number");
    }

    /// <summary>A number.</summary>
    public double Number(string key, double absent) => Find(key) switch
    {
        null => absent,
        { ValueKind: JsonValueKind.Number } element when element.TryGetDouble(out var value) && double.IsFinite(value) => value,
        { } element => throw Fault(key, $"{element.GetRawText()} is not a number"),
    };

    /// <summary>A truth value.</summary>
    public bool Flag(string key, bool absent) => Find(key)?.ValueKind switch
    {
        null => absent,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Fault(key, "it is neither true nor false"),
    };

    /// <summary>A string.</summary>
    public string Text(string key, string absent) => Find(key) switch
    {
        null => absent,
        { ValueKind: JsonValueKind.String } element => element.GetString()!,
        _ => throw Fault(key, "it is not a string"),
    };

    /// <summary>Names of the keys, as they are written.</summary>
    public IReadOnlyList<string> Keys => _element.ValueKind == JsonValueKind.Object ? [.. _element.EnumerateObject().Select(p => p.Name)] : [];

    /// <summary>The strings of an array; null where the key is absent or holds something else.</summary>
    public IReadOnlyList<string>? TextList(string key) =>
        Find(key) is { ValueKind: JsonValueKind.Array } list && list.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String)
            ? [.. list.EnumerateArray().Select(e => e.GetString()!)]
            : null;

    /// <summary>The whole numbers of an array; null where the key is absent or holds something else.</summary>
    public IReadOnlyList<int>? Shape(string key) =>
        Find(key) is { ValueKind: JsonValueKind.Array } list && list.EnumerateArray().All(e => e.ValueKind == JsonValueKind.Number && e.TryGetInt32(out _))
            ? [.. list.EnumerateArray().Select(e => e.GetInt32())]
            : null;

    /// <summary>A size of a square, written once or as two equal numbers.</summary>
    public int SquareSize(string key, int absent)
    {
        if (Find(key) is not { ValueKind: JsonValueKind.Array } pair)
            return Integer(key, absent);
        var sides = pair.EnumerateArray().Select(s => s.ValueKind == JsonValueKind.Number && s.TryGetInt32(out var side) ? side : -1).ToArray();
        return sides is [var height, var width] && height == width && height > 0 ? height : throw Fault(key, $"{pair.GetRawText()} is not supported; only squares are");
    }

    /// <summary>One number for each of red, green and blue; null where the key is absent.</summary>
    public float[]? Channels(string key)
    {
        if (Find(key) is not { } element)
            return null;
        var numbers = element.ValueKind == JsonValueKind.Array
            ? element.EnumerateArray().Select(n => n.ValueKind == JsonValueKind.Number && n.TryGetSingle(out var number) ? number : float.NaN).ToArray()
            : [];
        return numbers.Length == 3 && numbers.All(float.IsFinite) ? numbers : throw Fault(key, $"{element.GetRawText()} is not three numbers");
    }

    /// <summary>An error at a key.</summary>
    public InvalidInputException Fault(string key, string fault) => new($"{_path ?? "The configuration"}: {Name(key)}: {fault}.", _path);

    private string Name(string key) => _at.Length == 0 ? key : $"{_at}.{key}";

    private JsonElement? Find(string key) =>
        _element.ValueKind == JsonValueKind.Object && _element.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
