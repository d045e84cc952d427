using System.Text.Json;

namespace CompressionHost.Inference;

/// <summary>Hugging Face's <c>config.json</c> of <c>model_type: clip</c>.</summary>
internal static class HuggingFaceClipConfig
{
    public static ClipConfig Read(ReadOnlySpan<byte> json, string? path)
    {
        using var document = ConfigObject.Parse(json, path, out var root);
        if (root.Text("model_type", "clip") is var type and not "clip")
            throw root.Fault("model_type", $"'{type}' is not supported; only 'clip' is");
        // Early exports hold the towers only under the older names; where both are present the newer ones are what transformers writes.
        var text = root.Object("text_config") ?? root.Object("text_config_dict") ?? root.Empty("text_config");
        var vision = root.Object("vision_config") ?? root.Object("vision_config_dict") ?? root.Empty("vision_config");
        if (vision.Integer("num_channels", 3) is var channels and not 3)
            throw vision.Fault("num_channels", $"{channels} is not supported; images have 3 channels");
        var activation = Activation(text);
        if (Activation(vision) != activation)
            throw vision.Fault("hidden_act", "the two towers have different activations, which is not supported");
        var epsilon = text.Number("layer_norm_eps", 1e-5);
        if (vision.Number("layer_norm_eps", 1e-5) != epsilon)
            throw vision.Fault("layer_norm_eps", "the two towers have different LayerNorm epsilons, which is not supported");
        return new ClipConfig
        {
            EmbeddingSize = root.Integer("projection_dim", 512),
            Activation = activation,
            LayerNormEpsilon = epsilon,
            Vision = new ClipVisionConfig
            {
                ImageSize = vision.Integer("image_size", 224),
                PatchSize = vision.Integer("patch_size", 32),
                Width = vision.Integer("hidden_size", 768),
                Depth = vision.Integer("num_hidden_layers", 12),
                Heads = vision.Integer("num_attention_heads", 12),
                MlpWidth = vision.Integer("intermediate_size", 3072),
            },
            Text = new ClipTextConfig
            {
                VocabularySize = text.Integer("vocab_size", 49408),
                ContextLength = text.Integer("max_position_embeddings", 77),
                Width = text.Integer("hidden_size", 512),
                Depth = text.Integer("num_hidden_layers", 12),
                Heads = text.Integer("num_attention_heads", 8),
                MlpWidth = text.Integer("intermediate_size", 2048),
                EndToken = text.Integer("eos_token_id", 49407),
            },
        }.Validate(path);
    }

    public static byte[] Write(ClipConfig config, string dataType)
    {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteStartArray("architectures");
            json.WriteStringValue("CLIPModel");
            json.WriteEndArray();
            json.WriteString("model_type", "clip");
            json.WriteNumber("projection_dim", config.EmbeddingSize);
            json.WriteNumber("logit_scale_init_value", 2.6592);
            json.WriteNumber("initializer_factor", 1.0);
            json.WriteString("torch_dtype", dataType);
            WriteText(json, config);
            WriteVision(json, config);
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static void WriteText(Utf8JsonWriter json, ClipConfig config)
    {
        var text = config.Text;
        var legacy = text.EndToken == ClipTextConfig.LegacyEndToken;
        json.WriteStartObject("text_config");
        json.WriteString("model_type", "clip_text_model");
        json.WriteNumber("vocab_size", text.VocabularySize);
        json.WriteNumber("max_position_embeddings", text.ContextLength);
        WriteTower(json, config, text.Width, text.Depth, text.Heads, text.MlpWidth);
        json.WriteNumber("bos_token_id", legacy ? 0 : Math.Max(text.EndToken - 1, 0));
        json.WriteNumber("eos_token_id", text.EndToken);
        json.WriteNumber("pad_token_id", legacy ? 1 : text.EndToken);
        json.WriteEndObject();
    }

    private static void WriteVision(Utf8JsonWriter json, ClipConfig config)
    {
        var vision = config.Vision;
        json.WriteStartObject("vision_config");
        json.WriteString("model_type", "clip_vision_model");
        json.WriteNumber("image_size", vision.ImageSize);
        json.WriteNumber("patch_size", vision.PatchSize);
        json.WriteNumber("num_channels", 3);
        WriteTower(json, config, vision.Width, vision.Depth, vision.Heads, vision.MlpWidth);
        json.WriteEndObject();
    }

    private static void WriteTower(Utf8JsonWriter json, ClipConfig config, int width, int depth, int heads, int mlp)
    {
        json.WriteNumber("hidden_size", width);
        json.WriteNumber("intermediate_size", mlp);
        json.WriteNumber("num_hidden_layers", depth);
        json.WriteNumber("num_attention_heads", heads);
        json.WriteNumber("projection_dim", config.EmbeddingSize);
        json.WriteString("hidden_act", config.Activation == ClipActivation.QuickGelu ? "quick_gelu" : "gelu");
        json.WriteNumber("layer_norm_eps", config.LayerNormEpsilon);
        json.WriteNumber("attention_dropout", 0.0);
        json.WriteNumber("initializer_factor", 1.0);
        json.WriteNumber("initializer_range", 0.02);
    }

    private static ClipActivation Activation(ConfigObject tower) => tower.Text("hidden_act", "quick_gelu") switch
    {
        "quick_gelu" => ClipActivation.QuickGelu,
        "gelu" => ClipActivation.Gelu,
        var other => throw tower.Fault("hidden_act", $"'{other}' is not supported; 'quick_gelu' and 'gelu' are"),
    };
}
