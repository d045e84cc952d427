using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>timm's <c>config.json</c> of a vision transformer, and the sizes that its weights tell.</summary>
internal static class TimmVitConfig
{
    private const double Epsilon = 1e-6;
    private const int UsualHeadWidth = 64;
    private const int MostDepth = 1_000;

    public static bool Is(ReadOnlySpan<byte> json, string? path)
    {
        using var document = ConfigObject.Parse(json, path, out var root);
        return root.Has("architecture") && !root.Has("model_type");
    }

    public static VitConfig Read(ReadOnlySpan<byte> json, Func<string, IReadOnlyList<long>?> shape, int? heads, string? path)
    {
        using var document = ConfigObject.Parse(json, path, out var root);
        var architecture = root.Text("architecture", "");
        if (!architecture.StartsWith("vit_", StringComparison.Ordinal) && !architecture.StartsWith("deit_", StringComparison.Ordinal))
            throw root.Fault("architecture", $"'{architecture}' is not supported; plain vision transformers, 'vit_...' and 'deit_...', are");
        if (root.Text("global_pool", "token") is var pool and not "token")
            throw root.Fault("global_pool", $"'{pool}' is not supported; 'token', which reads the class token, is");
        var patches = Shape("patch_embed.proj.weight", 4);
        var (width, patch) = (patches[0], patches[2]);
        var distilled = shape("dist_token") is not null;
        var tokens = Shape("pos_embed", 3)[1] - (distilled ? 2 : 1);
        var side = (long)Math.Sqrt(Math.Max(0, tokens));
        var depth = Enumerable.Range(0, MostDepth + 1).First(i => i == MostDepth || shape($"blocks.{i}.norm1.weight") is null);
        var classes = Shape("head.weight", 2)[0];
        return new VitConfig
        {
            Head = distilled ? VitHead.ClassAndDistillation : VitHead.Class,
            ImageSize = Int("pos_embed", side * patch),
            PatchSize = Int("patch_embed.proj.weight", patch),
            Width = Int("patch_embed.proj.weight", width),
            Depth = depth,
            Heads = heads ?? Heads(root, architecture, width),
            MlpWidth = Int("blocks.0.mlp.fc1.weight", Shape("blocks.0.mlp.fc1.weight", 2)[0]),
            QkvBias = shape("blocks.0.attn.qkv.bias") is not null,
            LayerNormEpsilon = Epsilon,
            Labels = root.TextList("label_names") is { } names && names.Count == classes ? names : ClassLabels.Numbered(Int("head.weight", classes)),
        }.Validate(path);

        IReadOnlyList<long> Shape(string name, int dimensions) => shape(name) is { } found && found.Count == dimensions
            ? found
            : throw new InvalidInputException($"{path ?? "The checkpoint"}: its weights have no tensor '{name}' of {dimensions} dimensions, so they are not a plain vision transformer of timm.", path);

        // A shape is what a header claims, up to the size of the file; what is no model's size is refused by the check of all sizes.
        int Int(string name, long value) => value is >= 0 and <= 1_000_000_000
            ? (int)value
            : throw new InvalidInputException($"{path ?? "The checkpoint"}: the tensor '{name}' has an impossible shape.", path);
    }

    /// <summary>64 channels a head, but for the one size of Dosovitskiy et al. (table 1) that has 80.</summary>
    private static int Heads(ConfigObject root, string architecture, long width)
    {
        if (root.Object("model_args") is { } arguments && arguments.Has("num_heads"))
            return arguments.Integer("num_heads");
        if (architecture.StartsWith("vit_huge", StringComparison.Ordinal))
            return 16;
        return width % UsualHeadWidth == 0
            ? (int)(width / UsualHeadWidth)
            : throw root.Fault("architecture", $"the number of heads of '{architecture}' is not known, since its width {width} is not a multiple of {UsualHeadWidth}; give 'heads'");
    }
}
