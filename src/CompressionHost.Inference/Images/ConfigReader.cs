using System.Text.Json;
using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>One JSON object of a checkpoint's configuration; a member that is absent or null is null, one of another type an error.</summary>
internal sealed class ConfigReader
{
    private readonly string _file;
    private readonly string _prefix;
    private readonly JsonElement _root;

    public ConfigReader(string file, ReadOnlyMemory<byte> json)
    {
        _file = file;
        _prefix = "";
        try
        {
            using var document = JsonDocument.Parse(json);
            _root = document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"Cannot use {file}: it is not valid JSON ({e.Message})", file, e);
        }
        if (_root.ValueKind != JsonValueKind.Object)
            throw Bad("it is not a JSON object");
    }

    private ConfigReader(string file, string prefix, JsonElement root) => (_file, _prefix, _root) = (file, prefix, root);

    public InvalidInputException Bad(string what) => new($"Cannot use {_file}: {what}.", _file);

    /// <summary>The object with the name; null when the member is absent or not an object.</summary>
    public ConfigReader? Section(string name) =>
        Member(name) is { ValueKind: JsonValueKind.Object } section ? new ConfigReader(_file, $"{_prefix}{name}.", section) : null;

    public int? Integer(string name) => Member(name) is not { } value
        ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : throw Wrong(name, "a whole number");

    public double? Number(string name) => Member(name) is not { } value
        ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ? number : throw Wrong(name, "a number");

    public bool? Flag(string name) => Member(name) is not { } value
        ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(name, "true or false");

    public string? Text(string name) => Member(name) is not { } value
        ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(name, "a text");

    /// <summary>Three finite numbers.</summary>
    public float[]? Triple(string name)
    {
        if (Member(name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != 3)
            throw Wrong(name, "three numbers");
        var triple = new float[3];
        for (var i = 0; i < 3; i++)
        {
            if (value[i].ValueKind != JsonValueKind.Number || !value[i].TryGetSingle(out triple[i]) || !float.IsFinite(triple[i]))
                throw Wrong(name, "three numbers");
        }
        return triple;
    }

    private InvalidInputException Wrong(string name, string wanted) => Bad($"\"{_prefix}{name}\" is not {wanted}");

    private JsonElement? Member(string name) =>
        _root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
