using System.Text.Json;

namespace CompressionHost.Inference;

/// <summary>open_clip's <c>open_clip_config.json</c>: only the plain transformer towers of OpenAI's CLIP.</summary>
internal static class OpenClipConfig
{
    private const string OnlyPlain = "only the plain vision and text transformers of CLIP are supported";

    /// <summary>Keys that change what a tower computes, with the value under which it is a plain one.</summary>
    private static readonly (string Key, string Plain)[] VisionSwitches =
    [
        ("timm_model_name", "null"), ("ls_init_value", "null"), ("attentional_pool", "false"), ("pool_type", "\"tok\""), ("no_ln_pre", "false"),
        ("final_ln_after_pool", "false"), ("pos_embed_type", "\"learnable\""), ("block_type", "null"), ("qk_norm", "false"), ("scaled_cosine_attn", "false"),
        ("scale_heads", "false"), ("scale_attn_inner", "false"), ("scale_attn", "false"), ("scale_fc", "false"), ("input_patchnorm", "false"), ("act_kwargs", "null"), ("norm_kwargs", "null"),
    ];

    private static readonly (string Key, string Plain)[] TextSwitches =
    [
        ("hf_model_name", "null"), ("ls_init_value", "null"), ("embed_cls", "false"), ("no_causal_mask", "false"), ("final_ln_after_pool", "false"),
        ("pool_type", "\"argmax\""), ("proj_bias", "false"), ("proj_type", "\"linear\""), ("block_type", "null"), ("qk_norm", "false"), ("scaled_cosine_attn", "false"),
        ("scale_heads", "false"), ("scale_attn_inner", "false"), ("scale_attn", "false"), ("scale_fc", "false"), ("act_kwargs", "null"), ("norm_kwargs", "null"),
    ];

    public static ClipConfig Read(ReadOnlySpan<byte> json, string? path)
    {
        using var document = ConfigObject.Parse(json, path, out var root);
        var model = root.Object("model_cfg") ?? root;
        var vision = model.Object("vision_cfg") ?? throw model.Fault("vision_cfg", "it is missing, so this is not an open_clip configuration");
        var text = model.Object("text_cfg") ?? throw model.Fault("text_cfg", "it is missing, so this is not an open_clip configuration");
        if (model.Has("multimodal_cfg"))
            throw model.Fault("multimodal_cfg", $"captioning models are not supported; {OnlyPlain}");
        if (model.Has("init_logit_bias"))
            throw model.Fault("init_logit_bias", $"models with a logit bias (SigLIP) are not supported; {OnlyPlain}");
        if (vision.Kind("layers") == JsonValueKind.Array)
            throw vision.Fault("layers", $"a list of layers means a ResNet tower; {OnlyPlain}");
        RequirePlain(vision, VisionSwitches);
        RequirePlain(text, TextSwitches);
        var visionWidth = vision.Integer("width", 768);
        var headWidth = vision.Integer("head_width", 64);
        if (headWidth < 1 || visionWidth % headWidth != 0)
            throw vision.Fault("head_width", $"the width {visionWidth} is not a multiple of {headWidth}");
        var textWidth = text.Integer("width", 512);
        var vocabulary = text.Integer("vocab_size", 49408);
        return new ClipConfig
        {
            EmbeddingSize = model.Integer("embed_dim"),
            Activation = model.Flag("quick_gelu", false) ? ClipActivation.QuickGelu : ClipActivation.Gelu,
            Vision = new ClipVisionConfig
            {
                ImageSize = vision.SquareSize("image_size", 224),
                PatchSize = vision.SquareSize("patch_size", 16),
                Width = visionWidth,
                Depth = vision.Integer("layers", 12),
                Heads = visionWidth / headWidth,
                MlpWidth = MlpWidth(vision, visionWidth),
            },
            Text = new ClipTextConfig
            {
                VocabularySize = vocabulary,
                ContextLength = text.Integer("context_length", 77),
                Width = textWidth,
                Depth = text.Integer("layers", 12),
                Heads = text.Integer("heads", 8),
                MlpWidth = MlpWidth(text, textWidth),
                // open_clip reads a text at its greatest id, which is the end token, the last of the vocabulary.
                EndToken = vocabulary - 1,
            },
        }.Validate(path);
    }

    private static int MlpWidth(ConfigObject tower, int width)
    {
        var inner = width * tower.Number("mlp_ratio", 4.0);
        // open_clip truncates, so ratios such as 4.3637 (ViT-g) work out.
        return inner is >= 1 and <= int.MaxValue ? (int)inner : throw tower.Fault("mlp_ratio", "it is out of range");
    }

    private static void RequirePlain(ConfigObject tower, (string Key, string Plain)[] switches)
    {
        foreach (var (key, plain) in switches)
        {
            if (tower.Has(key) && tower.Raw(key) is var value && value != plain && value != "{}")
                throw tower.Fault(key, $"{value} is not supported; {OnlyPlain}");
        }
    }
}
