namespace CompressionHost.Models;

/// <summary>Where timm's vision transformers keep what transformers' name: fused query, key and value rows, and other names.</summary>
internal static class TimmLayout
{
    private static readonly Dictionary<string, string> Singles = new(StringComparer.Ordinal)
    {
        ["embeddings.cls_token"] = "cls_token",
        ["embeddings.distillation_token"] = "dist_token",
        ["embeddings.position_embeddings"] = "pos_embed",
        ["embeddings.patch_embeddings.projection"] = "patch_embed.proj",
        ["layernorm"] = "norm",
        ["classifier"] = "head",
        ["cls_classifier"] = "head",
        [VitLayout.DistillationClassifier] = "head_dist",
    };

    private static readonly Dictionary<string, (string Name, TensorPart Part)> Blocks = new(StringComparer.Ordinal)
    {
        [BlockNames.Vit.Query] = ("attn.qkv", TensorPart.FirstThird),
        [BlockNames.Vit.Key] = ("attn.qkv", TensorPart.SecondThird),
        [BlockNames.Vit.Value] = ("attn.qkv", TensorPart.LastThird),
        [BlockNames.Vit.Output] = ("attn.proj", TensorPart.Whole),
        [BlockNames.Vit.AttentionNorm] = ("norm1", TensorPart.Whole),
        [BlockNames.Vit.MlpNorm] = ("norm2", TensorPart.Whole),
        [BlockNames.Vit.Up] = ("mlp.fc1", TensorPart.Whole),
        [BlockNames.Vit.Down] = ("mlp.fc2", TensorPart.Whole),
    };

    /// <summary>Where the values of a parameter are.</summary>
    /// <param name="name">Its name in transformers.</param>
    public static TensorSource Source(string name)
    {
        const string layers = "encoder.layer.";
        var rest = name.StartsWith("vit.", StringComparison.Ordinal) ? name[4..] : name.StartsWith("deit.", StringComparison.Ordinal) ? name[5..] : name;
        if (Singles.TryGetValue(rest, out var token))
            return new TensorSource(token, TensorPart.Whole);
        var dot = rest.LastIndexOf('.');
        var (layer, kind) = (rest[..dot], rest[dot..]);
        if (!layer.StartsWith(layers, StringComparison.Ordinal))
            return new TensorSource(Singles[layer] + kind, TensorPart.Whole);
        var number = layer.IndexOf('.', layers.Length);
        var (part, which) = Blocks[layer[(number + 1)..]];
        return new TensorSource($"blocks.{layer[layers.Length..number]}.{part}{kind}", which);
    }
}
