namespace CompressionHost.Inference;

/// <summary>Names of CLIP's tensors in GGUF files, as llama.cpp's image encoders and the programs derived from them look them up.</summary>
public static class GgufClipNames
{
    private static readonly (string HuggingFace, string Gguf)[] Towers = [("text_model.", "t."), ("vision_model.", "v.")];

    private static readonly (string HuggingFace, string Gguf)[] Parts =
    [
        ("embeddings.token_embedding", "token_embd"),
        ("embeddings.position_embedding", "position_embd"),
        ("embeddings.patch_embedding", "patch_embd"),
        ("embeddings.class_embedding", "class_embd"),
        ("pre_layrnorm", "pre_ln"),
        ("post_layernorm", "post_ln"),
        ("final_layer_norm", "post_ln"),
        ("self_attn.q_proj", "attn_q"),
        ("self_attn.k_proj", "attn_k"),
        ("self_attn.v_proj", "attn_v"),
        ("self_attn.out_proj", "attn_out"),
        ("layer_norm1", "ln1"),
        ("layer_norm2", "ln2"),
        // The first converters had these two the other way round; llama.cpp tells by the shape which it is given.
        ("mlp.fc1", "ffn_up"),
        ("mlp.fc2", "ffn_down"),
    ];

    private const string Layers = "encoder.layers.";

    /// <summary>The name of a tensor; one that CLIP does not have keeps its own, and so do the projections and the logit scale.</summary>
    /// <param name="name">Hugging Face name.</param>
    public static string Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (var (tower, prefix) in Towers)
        {
            if (name.StartsWith(tower, StringComparison.Ordinal))
                return Part(name[tower.Length..]) is { } part ? prefix + part : name;
        }
        return name;
    }

    private static string? Part(string name)
    {
        var block = "";
        if (name.StartsWith(Layers, StringComparison.Ordinal))
        {
            var end = name.IndexOf('.', Layers.Length);
            if (end < 0)
                return null;
            block = $"blk.{name[Layers.Length..end]}.";
            name = name[(end + 1)..];
        }
        foreach (var (part, gguf) in Parts)
        {
            if (name == part || name.StartsWith(part + ".", StringComparison.Ordinal))
                return block + gguf + name[part.Length..];
        }
        return null;
    }
}
