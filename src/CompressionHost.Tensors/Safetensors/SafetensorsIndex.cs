using System.Text.Json;

namespace CompressionHost.Tensors;

/// <summary>Reads the index of a sharded checkpoint: which shard holds which tensor.</summary>
internal static class SafetensorsIndex
{
    private const long MaxBytes = 100_000_000;

    private static readonly JsonReaderOptions Strict = new() { MaxDepth = 16, CommentHandling = JsonCommentHandling.Disallow };

    /// <summary>Tensor name -> shard, a plain file name.</summary>
    public static Dictionary<string, string> Read(string path)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        var seen = false;
        try
        {
            if (FileLength.Of(path) is > MaxBytes and var length)
                throw Fault(path, $"{length} bytes are too many for an index");
            var reader = new Utf8JsonReader(File.ReadAllBytes(path), Strict);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw Fault(path, "it is not a JSON object");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isMap = reader.ValueTextEquals("weight_map"u8);
                reader.Read();
                if (!isMap)
                {
                    reader.Skip();
                    continue;
                }
                if (seen)
                    throw Fault(path, "weight_map occurs twice");
                seen = true;
                ReadMap(path, ref reader, map);
            }
            while (reader.Read())
            {
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Fault(path, $"it is not valid JSON: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{path}: cannot be read: {e.Message}", path, e);
        }
        return seen ? map : throw Fault(path, "it has no weight_map");
    }

    private static void ReadMap(string path, ref Utf8JsonReader reader, Dictionary<string, string> map)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Fault(path, "weight_map is not an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String || reader.GetString() is not { } shard || !IsPlainFileName(shard))
                throw Fault(path, $"tensor '{name}' is not mapped to the plain name of a file in the same folder");
            if (!map.TryAdd(name, shard))
                throw Fault(path, $"tensor '{name}' occurs twice");
        }
    }

    // The same everywhere: a checkpoint that opens on Linux must not escape its folder on Windows.
    private static bool IsPlainFileName(string name) =>
        name.EndsWith(".safetensors", StringComparison.Ordinal) && name.AsSpan().IndexOfAny("/\\:\0") < 0;

    private static InvalidInputException Fault(string path, string what, Exception? inner = null) =>
        new($"{path}: {what}. Download the index of the checkpoint again.", path, inner);
}
