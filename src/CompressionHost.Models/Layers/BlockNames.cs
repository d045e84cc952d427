namespace CompressionHost.Models;

/// <summary>Where a transformer block's layers are in a checkpoint, below the block's own name.</summary>
internal sealed record BlockNames(
    string Query, string Key, string Value, string Output, string AttentionNorm, string Up, string Down, string MlpNorm)
{
    /// <summary>transformers' CLIP.</summary>
    public static BlockNames Clip { get; } = new(
        "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj", "layer_norm1", "mlp.fc1", "mlp.fc2", "layer_norm2");

    /// <summary>transformers' ViT and DeiT.</summary>
    public static BlockNames Vit { get; } = new(
        "attention.attention.query", "attention.attention.key", "attention.attention.value", "attention.output.dense", "layernorm_before",
        "intermediate.dense", "output.dense", "layernorm_after");

    /// <summary>transformers' BERT.</summary>
    public static BlockNames Bert { get; } = new(
        "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense", "attention.output.LayerNorm",
        "intermediate.dense", "output.dense", "output.LayerNorm");
}
