using System.Text.Json;

namespace CompressionHost.Inference;

/// <summary>transformers' <c>config.json</c> of <c>model_type: vit</c> and <c>model_type: deit</c>.</summary>
internal static class HuggingFaceVitConfig
{
    private static readonly (VitHead Head, string Type, string Class)[] Classes =
    [
        (VitHead.Class, "vit", "ViTForImageClassification"),
        (VitHead.ClassBesideDistillation, "deit", "DeiTForImageClassification"),
        (VitHead.ClassAndDistillation, "deit", "DeiTForImageClassificationWithTeacher"),
    ];

    public static VitConfig Read(ReadOnlySpan<byte> json, string? path)
    {
        using var document = ConfigObject.Parse(json, path, out var root);
        if (root.Integer("num_channels", 3) is var channels and not 3)
            throw root.Fault("num_channels", $"{channels} is not supported; images have 3 channels");
        if (root.Text("hidden_act", "gelu") is var activation and not "gelu")
            throw root.Fault("hidden_act", $"'{activation}' is not supported; 'gelu' is");
        return new VitConfig
        {
            Head = Head(root),
            ImageSize = root.SquareSize("image_size", 224),
            PatchSize = root.SquareSize("patch_size", 16),
            Width = root.Integer("hidden_size", 768),
            Depth = root.Integer("num_hidden_layers", 12),
            Heads = root.Integer("num_attention_heads", 12),
            MlpWidth = root.Integer("intermediate_size", 3072),
            QkvBias = root.Flag("qkv_bias", true),
            LayerNormEpsilon = root.Number("layer_norm_eps", 1e-12),
            Labels = ClassLabels.Read(root),
        }.Validate(path);
    }

    public static byte[] Write(VitConfig config, string dataType)
    {
        var (_, type, name) = Classes[(int)config.Head];
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteStartArray("architectures");
            json.WriteStringValue(name);
            json.WriteEndArray();
            json.WriteString("model_type", type);
            json.WriteNumber("image_size", config.ImageSize);
            json.WriteNumber("patch_size", config.PatchSize);
            json.WriteNumber("num_channels", 3);
            json.WriteNumber("hidden_size", config.Width);
            json.WriteNumber("num_hidden_layers", config.Depth);
            json.WriteNumber("num_attention_heads", config.Heads);
            json.WriteNumber("intermediate_size", config.MlpWidth);
            json.WriteString("hidden_act", "gelu");
            json.WriteNumber("layer_norm_eps", config.LayerNormEpsilon);
            json.WriteBoolean("qkv_bias", config.QkvBias);
            json.WriteNumber("hidden_dropout_prob", 0.0);
            json.WriteNumber("attention_probs_dropout_prob", 0.0);
            json.WriteNumber("initializer_range", 0.02);
            json.WriteString("torch_dtype", dataType);
            ClassLabels.Write(json, config.Labels);
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static VitHead Head(ConfigObject root)
    {
        var type = root.Text("model_type", "vit");
        var known = Classes.Where(c => c.Type == type).ToList();
        if (known.Count == 0)
            throw root.Fault("model_type", $"'{type}' is not supported; 'vit' and 'deit' are");
        if (root.TextList("architectures") is not [var name, ..])
            return known[0].Head;
        var at = known.FindIndex(c => c.Class == name);
        return at >= 0
            ? known[at].Head
            : throw root.Fault("architectures", $"'{name}' is not supported, since it does not classify images; {string.Join(" and ", known.Select(c => $"'{c.Class}'"))} {(known.Count == 1 ? "is" : "are")}");
    }
}
