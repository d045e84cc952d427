using System.Text.Json;
using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Cli;

/// <summary>Which loader opens a checkpoint, by what lies at its path.</summary>
internal static class CheckpointKind
{
    /// <summary>Loader of ONNX models, which are packed as what they were.</summary>
    public const string Onnx = "onnx";

    /// <summary>Loader of text encoders, which read no images.</summary>
    public const string Bert = "bert";

    private const string OpenClip = "open-clip";
    private const string OpenClipConfig = "open_clip_config.json";
    private const string Clip = "huggingface-clip";
    private const string Vit = "vit";

    private const string Opens =
        "it opens CLIP (model_type clip, or an open_clip_config.json), ViT and DeiT classifiers (model_type vit or deit, or timm's architecture vit_... or deit_...), "
        + "BERT (model_type bert) and ONNX models (.onnx); other loaders are named in a recipe";

    // Loader by model_type, and by what the class begins with for the configurations that have a class alone.
    private static readonly (string Type, string Class, string Loader)[] Transformers =
        [("clip", "CLIP", Clip), ("vit", "ViT", Vit), ("deit", "DeiT", Vit), ("bert", "Bert", Bert)];

    /// <summary>Name of the loader.</summary>
    /// <param name="path">A folder or file that exists.</param>
    /// <param name="name">What the command line calls it, for messages.</param>
    /// <exception cref="CommandLineException">None knows what lies there.</exception>
    /// <exception cref="InvalidInputException">Its configuration is malformed.</exception>
    public static string Of(string path, string name)
    {
        if (File.Exists(path))
            return path.EndsWith(OnnxFile.Extension, StringComparison.OrdinalIgnoreCase) ? Onnx : throw Unknown(name, $"is no {OnnxFile.Extension} file");
        // An open_clip folder may also hold a config.json.
        if (File.Exists(Path.Combine(path, OpenClipConfig)))
            return OpenClip;
        var config = Path.Combine(path, ClipAssets.Config);
        return File.Exists(config) ? OfConfig(config, name) : throw Unknown(name, $"has no {ClipAssets.Config}");
    }

    private static string OfConfig(string config, string name)
    {
        using var document = Parse(config, name);
        var root = document.RootElement;
        if (Text(root, "model_type") is { } type)
            return Transformers.FirstOrDefault(t => t.Type == type).Loader ?? throw Unknown(name, $"has model_type '{type}'");
        if (Text(root, "architecture") is { } architecture)
        {
            return architecture.StartsWith("vit_", StringComparison.Ordinal) || architecture.StartsWith("deit_", StringComparison.Ordinal)
                ? Vit
                : throw Unknown(name, $"has architecture '{architecture}'");
        }
        return root.TryGetProperty("architectures", out var classes) && classes.ValueKind == JsonValueKind.Array && classes.GetArrayLength() > 0
            && classes[0].ValueKind == JsonValueKind.String && classes[0].GetString() is { } first
            ? Transformers.FirstOrDefault(t => first.StartsWith(t.Class, StringComparison.Ordinal)).Loader ?? throw Unknown(name, $"has the class '{first}'")
            // The first published CLIPs say no more than this.
            : root.TryGetProperty("vision_config", out _) ? Clip : throw Unknown(name, $"has a {ClipAssets.Config} without model_type");
    }

    private static JsonDocument Parse(string config, string name)
    {
        try
        {
            var document = JsonDocument.Parse(ClipAssets.ReadFile(config));
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document;
            document.Dispose();
            throw new InvalidInputException($"{name}: its {ClipAssets.Config} is no JSON object. Copy the file from the model again.", config);
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{name}: its {ClipAssets.Config} is not JSON: {e.Message} Copy the file from the model again.", config, e);
        }
    }

    private static string? Text(JsonElement root, string key) =>
        root.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static CommandLineException Unknown(string name, string reason) => new($"'{name}' {reason}, and quantize does not open that: {Opens}");
}
