using System.Text;
using System.Text.Json;
using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Packers;

/// <summary>Metadata of a CLIP model in GGUF: sizes, image normalization and vocabulary, under the keys of llama.cpp's image encoders.</summary>
internal static class GgufClipMetadata
{
    // Revision of ggml's quantized types.
    private const uint QuantizationVersion = 2;

    /// <exception cref="InvalidInputException">The model is no CLIP, or a file beside its weights is missing or malformed.</exception>
    public static GgufMetadata Create(string architecture, IReadOnlyDictionary<string, byte[]> assets, GgufWeightType type)
    {
        if (architecture != ClipLayout.Architecture)
            throw new InvalidInputException($"'gguf' cannot pack a model of architecture '{architecture}'; it knows '{ClipLayout.Architecture}'.");
        if (!assets.TryGetValue(ClipAssets.Config, out var json))
            throw new InvalidInputException($"The model has no {ClipAssets.Config}; 'gguf' cannot pack it.");
        var config = ClipConfig.FromHuggingFace(json, ClipAssets.Config);
        var metadata = new GgufMetadata();
        metadata.Add("general.architecture", architecture);
        metadata.Add("general.description", "two-tower CLIP model");
        metadata.Add("general.file_type", FileType(type));
        metadata.Add("general.quantization_version", QuantizationVersion);
        metadata.Add("clip.has_text_encoder", true);
        metadata.Add("clip.has_vision_encoder", true);
        metadata.Add("clip.has_llava_projector", false);
        metadata.Add("clip.use_gelu", config.Activation == ClipActivation.Gelu);
        AddTexts(metadata, config);
        AddImages(metadata, config, ClipImageProcessor.FromAssets(assets));
        AddVocabulary(metadata, assets);
        return metadata;
    }

    // ggml's numbers of what most tensors of a file are.
    private static uint FileType(GgufWeightType type) => type switch
    {
        GgufWeightType.TQ1_0 => 36,
        GgufWeightType.TQ2_0 => 37,
        GgufWeightType.Q4_0 => 2,
        GgufWeightType.Q8_0 => 7,
        _ => 1,
    };

    private static void AddTexts(GgufMetadata metadata, ClipConfig config)
    {
        metadata.Add("clip.text.context_length", (uint)config.Text.ContextLength);
        AddTower(metadata, "clip.text", config.Text.Width, config.Text.MlpWidth, config.Text.Depth, config.Text.Heads, config);
    }

    private static void AddImages(GgufMetadata metadata, ClipConfig config, ClipImageProcessor processor)
    {
        metadata.Add("clip.vision.image_size", (uint)config.Vision.ImageSize);
        metadata.Add("clip.vision.patch_size", (uint)config.Vision.PatchSize);
        AddTower(metadata, "clip.vision", config.Vision.Width, config.Vision.MlpWidth, config.Vision.Depth, config.Vision.Heads, config);
        metadata.Add("clip.vision.image_mean", processor.Mean);
        metadata.Add("clip.vision.image_std", processor.Std);
    }

    private static void AddTower(GgufMetadata metadata, string tower, int width, int mlp, int depth, int heads, ClipConfig config)
    {
        metadata.Add($"{tower}.embedding_length", (uint)width);
        metadata.Add($"{tower}.feed_forward_length", (uint)mlp);
        metadata.Add($"{tower}.projection_dim", (uint)config.EmbeddingSize);
        metadata.Add($"{tower}.block_count", (uint)depth);
        metadata.Add($"{tower}.attention.head_count", (uint)heads);
        metadata.Add($"{tower}.attention.layer_norm_epsilon", (float)config.LayerNormEpsilon);
    }

    private static void AddVocabulary(GgufMetadata metadata, IReadOnlyDictionary<string, byte[]> assets)
    {
        // Checks the files and that they belong together.
        if (ClipTokenizer.FromAssets(assets) is not { } tokenizer)
            return;
        // Ids without a token are legal; readers count them all the same.
        var tokens = Enumerable.Range(0, tokenizer.VocabularySize).Select(i => $"[PAD{i}]").ToArray();
        using (var json = JsonDocument.Parse(assets["vocab.json"]))
        {
            foreach (var token in json.RootElement.EnumerateObject())
                tokens[token.Value.GetInt32()] = token.Name;
        }
        metadata.Add("tokenizer.ggml.tokens", tokens);
        metadata.Add("tokenizer.ggml.merges", Merges(assets["merges.txt"]));
        metadata.Add("tokenizer.ggml.bos_token_id", (uint)tokenizer.BeginToken);
        metadata.Add("tokenizer.ggml.eos_token_id", (uint)tokenizer.EndToken);
        metadata.Add("tokenizer.ggml.padding_token_id", (uint)tokenizer.PadToken);
    }

    private static List<string> Merges(byte[] file)
    {
        var merges = new List<string>();
        foreach (var line in Encoding.UTF8.GetString(file).EnumerateLines())
        {
            if (!line.IsEmpty && !(merges.Count == 0 && line.StartsWith("#version")))
                merges.Add(line.ToString());
        }
        return merges;
    }
}
