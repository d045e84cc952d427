using CompressionHost.Inference;

namespace CompressionHost.Models;

/// <summary>Where open_clip's checkpoints keep what Hugging Face's name: fused query, key and value rows, and projections that are transposed.</summary>
internal static class OpenClipLayout
{
    public const string ConfigFile = "open_clip_config.json";

    private static readonly Dictionary<string, TensorSource> Singles = new(StringComparer.Ordinal)
    {
        [ClipLayout.LogitScale] = Whole("logit_scale"),
        [ClipLayout.TokenEmbedding] = Whole("token_embedding.weight"),
        [ClipLayout.TextPositions] = Whole("positional_embedding"),
        [$"{ClipLayout.TextFinalNorm}.weight"] = Whole("ln_final.weight"),
        [$"{ClipLayout.TextFinalNorm}.bias"] = Whole("ln_final.bias"),
        [ClipLayout.ClassEmbedding] = Whole("visual.class_embedding"),
        [ClipLayout.PatchEmbedding] = Whole("visual.conv1.weight"),
        [ClipLayout.VisionPositions] = Whole("visual.positional_embedding"),
        [$"{ClipLayout.VisionPreNorm}.weight"] = Whole("visual.ln_pre.weight"),
        [$"{ClipLayout.VisionPreNorm}.bias"] = Whole("visual.ln_pre.bias"),
        [$"{ClipLayout.VisionPostNorm}.weight"] = Whole("visual.ln_post.weight"),
        [$"{ClipLayout.VisionPostNorm}.bias"] = Whole("visual.ln_post.bias"),
        [ClipLayout.VisualProjection] = new("visual.proj", TensorPart.Transposed),
        [ClipLayout.TextProjection] = new("text_projection", TensorPart.Transposed),
    };

    private static readonly Dictionary<string, (string Name, TensorPart Part)> Blocks = new(StringComparer.Ordinal)
    {
        ["self_attn.q_proj.weight"] = ("attn.in_proj_weight", TensorPart.FirstThird),
        ["self_attn.k_proj.weight"] = ("attn.in_proj_weight", TensorPart.SecondThird),
        ["self_attn.v_proj.weight"] = ("attn.in_proj_weight", TensorPart.LastThird),
        ["self_attn.q_proj.bias"] = ("attn.in_proj_bias", TensorPart.FirstThird),
        ["self_attn.k_proj.bias"] = ("attn.in_proj_bias", TensorPart.SecondThird),
        ["self_attn.v_proj.bias"] = ("attn.in_proj_bias", TensorPart.LastThird),
        ["self_attn.out_proj.weight"] = ("attn.out_proj.weight", TensorPart.Whole),
        ["self_attn.out_proj.bias"] = ("attn.out_proj.bias", TensorPart.Whole),
        ["layer_norm1.weight"] = ("ln_1.weight", TensorPart.Whole),
        ["layer_norm1.bias"] = ("ln_1.bias", TensorPart.Whole),
        ["layer_norm2.weight"] = ("ln_2.weight", TensorPart.Whole),
        ["layer_norm2.bias"] = ("ln_2.bias", TensorPart.Whole),
        ["mlp.fc1.weight"] = ("mlp.c_fc.weight", TensorPart.Whole),
        ["mlp.fc1.bias"] = ("mlp.c_fc.bias", TensorPart.Whole),
        ["mlp.fc2.weight"] = ("mlp.c_proj.weight", TensorPart.Whole),
        ["mlp.fc2.bias"] = ("mlp.c_proj.bias", TensorPart.Whole),
    };

    /// <summary>Where the values of a parameter are.</summary>
    /// <param name="name">Its Hugging Face name.</param>
    public static TensorSource Source(string name)
    {
        if (Singles.TryGetValue(name, out var single))
            return single;
        const string layers = ".encoder.layers.";
        var at = name.IndexOf(layers, StringComparison.Ordinal);
        var rest = name[(at + layers.Length)..];
        var dot = rest.IndexOf('.', StringComparison.Ordinal);
        var (part, which) = Blocks[rest[(dot + 1)..]];
        var tower = name.StartsWith("vision", StringComparison.Ordinal) ? "visual.transformer" : "transformer";
        return new TensorSource($"{tower}.resblocks.{rest[..dot]}.{part}", which);
    }

    private static TensorSource Whole(string name) => new(name, TensorPart.Whole);
}
