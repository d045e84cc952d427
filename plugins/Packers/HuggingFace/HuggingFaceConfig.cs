using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Packers;

/// <summary>Makes a config.json say how the weights are written: transformers loads them in the type it says.</summary>
internal static class HuggingFaceConfig
{
    public const string FileName = "config.json";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="config">The file.</param>
    /// <param name="type">Type of the weights that are values.</param>
    /// <param name="quantization">What is said of the others; null where there are none.</param>
    public static byte[] With(byte[] config, ElementType type, JsonObject? quantization)
    {
        try
        {
            if (JsonNode.Parse(config, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) is not JsonObject root)
                throw Fault("it is not a JSON object");
            // Older versions write torch_dtype and newer ones dtype; all read the former.
            root["torch_dtype"] = type.DisplayName();
            SetExisting(root, type);
            foreach (var part in root.Select(p => p.Value).OfType<JsonObject>())
                SetExisting(part, type);
            if (quantization is not null)
                root["quantization_config"] = quantization;
            return JsonSerializer.SerializeToUtf8Bytes(root, Indented);
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
        new($"The model's {FileName} cannot be rewritten: {what}. Repair it in the checkpoint.", null, inner);
}
