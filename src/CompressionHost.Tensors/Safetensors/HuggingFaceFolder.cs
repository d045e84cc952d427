using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CompressionHost.Tensors;

/// <summary>Writes folders as Hugging Face's programs read them: <c>model.safetensors</c>, <c>config.json</c> and the files beside it.</summary>
public static class HuggingFaceFolder
{
    /// <summary>Name of the weights' file.</summary>
    public const string Weights = "model.safetensors";

    /// <summary>Name of the configuration's file.</summary>
    public const string Config = "config.json";

    // transformers refuses a safetensors file that does not say which framework it is of.
    private static readonly Dictionary<string, string> Metadata = new() { ["format"] = "pt" };

    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Bytes of the files that <see cref="Write"/> would write; exact.</summary>
    /// <inheritdoc cref="Write"/>
    public static long FileBytes(
        IReadOnlyList<SafetensorsHeading> tensors, IReadOnlyDictionary<string, byte[]> assets, ElementType type, JsonObject? quantization = null)
    {
        ArgumentNullException.ThrowIfNull(assets);
        return SafetensorsWriter.FileBytes(tensors, Metadata) + assets.Sum(a => (long)Content(a.Key, a.Value, type, quantization).Length);
    }

    /// <summary>Writes the files.</summary>
    /// <param name="directory">A folder that exists.</param>
    /// <param name="tensors">What will be written.</param>
    /// <param name="writeData">Given an index into <paramref name="tensors"/>, writes the values of that tensor, little-endian and row-major. Not called in order.</param>
    /// <param name="assets">Files beside the weights, by name. Of config.json, what it says of the type of the weights is changed.</param>
    /// <param name="type">Type of the weights that are values.</param>
    /// <param name="quantization">What config.json says of the others; null where there are none.</param>
    /// <returns>The files, absolute paths, the weights first.</returns>
    /// <exception cref="ArgumentException">An asset has no file name of its own, or data do not fit their shape.</exception>
    /// <exception cref="InvalidInputException">config.json is not a JSON object.</exception>
    public static IReadOnlyList<string> Write(
        string directory, IReadOnlyList<SafetensorsHeading> tensors, Action<int, Stream> writeData, IReadOnlyDictionary<string, byte[]> assets, ElementType type,
        JsonObject? quantization = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(assets);
        var folder = Path.GetFullPath(directory);
        var files = new List<string> { Path.Combine(folder, Weights) };
        SafetensorsWriter.WriteStreaming(files[0], tensors, writeData, Metadata);
        foreach (var (name, content) in assets.OrderBy(a => a.Key, StringComparer.Ordinal))
        {
            if (name != Path.GetFileName(name) || name == Weights)
                throw new ArgumentException($"Asset '{name}' is not a file name of its own.", nameof(assets));
            files.Add(Path.Combine(folder, name));
            AtomicFile.WriteAllBytes(files[^1], Content(name, content, type, quantization));
        }
        return files;
    }

    // transformers loads the weights in the type that config.json says.
    private static byte[] Content(string name, byte[] content, ElementType type, JsonObject? quantization)
    {
        if (name != Config)
            return content;
        try
        {
            if (JsonNode.Parse(content, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) is not JsonObject root)
                throw Fault("it is not a JSON object");
            // Older versions write torch_dtype and newer ones dtype; all read the former.
            root["torch_dtype"] = type.DisplayName();
            SetExisting(root, type);
            foreach (var part in root.Select(p => p.Value).OfType<JsonObject>())
                SetExisting(part, type);
            if (quantization is not null)
                root["quantization_config"] = quantization.DeepClone();
            using var stream = new MemoryStream();
            using (var writer = new Utf8JsonWriter(stream, Indented))
                root.WriteTo(writer);
            return stream.ToArray();
        }
        catch (JsonException e)
        {
            throw Fault(e.Message, e);
        }
    }

    // The configurations of the two encoders may say it again.
    private static void SetExisting(JsonObject config, ElementType type)
    {
        foreach (var key in new[] { "torch_dtype", "dtype" })
        {
            if (config.ContainsKey(key))
                config[key] = type.DisplayName();
        }
    }

    private static InvalidInputException Fault(string what, Exception? inner = null) =>
        new($"The model's {Config} cannot be rewritten: {what}. Repair it in the checkpoint.", null, inner);
}
