using System.Text.Json;
using System.Text.Unicode;

namespace CompressionHost.Tensors;

/// <summary>Parses and checks the JSON header of a safetensors file. Nothing is allocated beyond what the header's own bytes justify.</summary>
internal sealed class SafetensorsHeader
{
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = 8, CommentHandling = JsonCommentHandling.Disallow };

    private readonly string _path;
    private readonly long _dataStart;
    private readonly long _dataLength;
    private readonly Dictionary<string, SafetensorsEntry> _entries = new(StringComparer.Ordinal);

    private SafetensorsHeader(string path, long dataStart, long dataLength) =>
        (_path, _dataStart, _dataLength) = (path, dataStart, dataLength);

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, SafetensorsEntry> ByName => _entries;

    /// <summary>In the order of the data.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries { get; private set; } = [];

    /// <param name="path">For messages.</param>
    /// <param name="json">The header.</param>
    /// <param name="dataStart">Where the data begin in the file.</param>
    /// <param name="dataLength">Bytes of the data.</param>
    public static SafetensorsHeader Parse(string path, ReadOnlySpan<byte> json, long dataStart, long dataLength)
    {
        var header = new SafetensorsHeader(path, dataStart, dataLength);
        if (!Utf8.IsValid(json))
            throw header.Fault("the header is not valid UTF-8");
        try
        {
            header.ReadRoot(json);
        }
        // Utf8JsonReader gives the second for an escape that is half a surrogate pair.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw header.Fault($"the header is not valid JSON: {e.Message}", inner: e);
        }
        header.CheckLayout();
        return header;
    }

    private void ReadRoot(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Strict);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw Fault("the header is not a JSON object");
        var hasMetadata = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (name == "__metadata__")
            {
                if (hasMetadata)
                    throw Fault("the header has __metadata__ twice");
                hasMetadata = true;
                ReadMetadata(ref reader);
            }
            else if (!_entries.TryAdd(name, ReadEntry(name, ref reader)))
            {
                throw Fault("the header has it twice", name);
            }
        }
        // Reads to the end, so that anything after the object but white space is an error.
        while (reader.Read())
        {
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Fault("__metadata__ is not an object of strings");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                throw Fault($"__metadata__ has '{key}', which is not a string");
            if (!Metadata.TryAdd(key, reader.GetString()!))
                throw Fault($"__metadata__ has '{key}' twice");
        }
    }

    private SafetensorsEntry ReadEntry(string name, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Fault("its description is not an object", name);
        ElementType? type = null;
        List<long>? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString();
            reader.Read();
            switch (key)
            {
                case "dtype" when type is null:
                    var word = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                    if (!ElementTypes.TryParse(word, out var parsed))
                        throw Fault($"its type '{word}' is not one of {ElementTypes.Known}", name);
                    type = parsed;
                    break;
                case "shape" when shape is null:
                    shape = ReadIntegers(name, "shape", ref reader);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadIntegers(name, "data_offsets", ref reader);
                    break;
                default:
                    throw Fault($"its description has '{key}' twice, or does not know it; dtype, shape and data_offsets are expected", name);
            }
        }
        if (type is null || shape is null || offsets is null)
            throw Fault("its description lacks dtype, shape or data_offsets", name);
        return Check(name, type.Value, shape, offsets);
    }

    private List<long> ReadIntegers(string name, string key, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Fault($"its {key} is not an array", name);
        var values = new List<long>(4);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var value) || value < 0)
                throw Fault($"its {key} has something that is not an integer from 0 to 2^63-1", name);
            values.Add(value);
        }
        return values;
    }

    private SafetensorsEntry Check(string name, ElementType type, List<long> shape, List<long> offsets)
    {
        if (offsets.Count != 2 || offsets[0] > offsets[1])
            throw Fault("its data_offsets are not a begin and an end", name);
        if (offsets[1] > _dataLength)
            throw Fault($"its data end at byte {offsets[1]} of {_dataLength}: the file is truncated or the header is wrong", name);
        var length = offsets[1] - offsets[0];
        if (!TensorShape.TryCount(shape, out var count) || Math.BigMul(count, type.Size(), out var bytes) != 0 || bytes != length)
            throw Fault($"its shape {TensorShape.Format(shape)} of {type.SafetensorsName()} does not take the {length} bytes of its data", name);
        return new SafetensorsEntry(name, type, shape.AsReadOnly(), _dataStart + offsets[0], length);
    }

    // The format wants the tensors to cover the data without overlap or gap, so that a file has no hidden content.
    private void CheckLayout()
    {
        var sorted = _entries.Values.OrderBy(e => e.Offset).ThenBy(e => e.Length).ToArray();
        var end = _dataStart;
        SafetensorsEntry? previous = null;
        foreach (var entry in sorted)
        {
            if (entry.Offset < end)
                throw Fault($"its data overlap those of '{previous!.Name}'", entry.Name);
            if (entry.Offset > end)
                throw Fault($"{entry.Offset - end} bytes before its data belong to no tensor", entry.Name);
            (end, previous) = (entry.Offset + entry.Length, entry);
        }
        if (end != _dataStart + _dataLength)
            throw Fault($"{_dataStart + _dataLength - end} bytes at the end of the file belong to no tensor");
        Entries = sorted;
    }

    private InvalidInputException Fault(string what, string? tensor = null, Exception? inner = null) =>
        new($"{_path}: {(tensor is null ? "" : $"tensor '{Shorten(tensor)}': ")}{what}. The file is not a valid safetensors file; download or export it again.", _path, inner);

    // A name may fill the whole header.
    private static string Shorten(string name) => name.Length <= 200 ? name : name[..200] + "...";
}
