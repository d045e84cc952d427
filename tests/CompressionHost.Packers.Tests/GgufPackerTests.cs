using CompressionHost.Inference;
using CompressionHost.Plugins.Packers;

namespace CompressionHost.Packers.Tests;

public sealed class GgufPackerTests : IDisposable
{
    private static readonly QuantizationScheme Int8 = new("int8", -127, 127);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Every weight of a ternary model, whatever type it gets, is the model's own.</summary>
    [Theory]
    [InlineData(GgufWeightType.TQ1_0, 34)]
    [InlineData(GgufWeightType.TQ2_0, 35)]
    [InlineData(GgufWeightType.F16, 1)]
    public void A_ternary_model_is_exact(GgufWeightType type, int number)
    {
        var model = TernaryClip.Model();
        var plain = Pack(model, type);
        Assert.Equal(model.Tensors.Count, plain.Tensors.Count);
        Assert.Equal(number, plain.Tensors["v.blk.1.ffn_down.weight"].Type);
        foreach (var tensor in model.Tensors)
            Assert.Equal(Values(tensor), plain.Values(Name(tensor.Name)));
    }

    [Fact]
    public void Types_follow_rows_and_groups()
    {
        var plain = Pack(TernaryClip.Model(), GgufWeightType.TQ2_0);
        (string Name, int Type, long[] Sizes)[] expected =
        [
            ("v.blk.0.ffn_up.weight", 35, [256, 512]),
            ("visual_projection.weight", 35, [256, 64]),
            // Rows of 96 and one scale each: whole blocks of 32.
            ("t.blk.0.ffn_up.weight", 2, [96, 384]),
            ("t.token_embd.weight", 2, [96, 530]),
            // Rows of 384 and one scale each: blocks of 256 do not fit.
            ("t.blk.0.ffn_down.weight", 2, [384, 96]),
            // A convolution's rows are 8 pixels.
            ("v.patch_embd.weight", 1, [8, 8, 3, 256]),
            ("v.position_embd.weight", 1, [256, 17]),
            ("v.class_embd", 0, [256]),
            ("t.post_ln.bias", 0, [96]),
            ("logit_scale", 0, [1]),
        ];
        foreach (var (name, type, sizes) in expected)
            Assert.Equal((name, type, string.Join(' ', sizes)), (name, plain.Tensors[name].Type, string.Join(' ', plain.Tensors[name].Sizes)));
    }

    [Fact]
    public void Names_are_those_that_other_programs_look_up()
    {
        (string HuggingFace, string Gguf)[] pairs =
        [
            (ClipLayout.TokenEmbedding, "t.token_embd.weight"), (ClipLayout.TextPositions, "t.position_embd.weight"),
            (ClipLayout.ClassEmbedding, "v.class_embd"), (ClipLayout.PatchEmbedding, "v.patch_embd.weight"), (ClipLayout.VisionPositions, "v.position_embd.weight"),
            ("vision_model.pre_layrnorm.bias", "v.pre_ln.bias"), ("vision_model.post_layernorm.weight", "v.post_ln.weight"),
            ("text_model.final_layer_norm.weight", "t.post_ln.weight"),
            ("vision_model.encoder.layers.11.self_attn.q_proj.weight", "v.blk.11.attn_q.weight"),
            ("text_model.encoder.layers.0.self_attn.out_proj.bias", "t.blk.0.attn_out.bias"),
            ("text_model.encoder.layers.3.layer_norm2.weight", "t.blk.3.ln2.weight"),
            ("vision_model.encoder.layers.3.mlp.fc1.weight", "v.blk.3.ffn_up.weight"), ("vision_model.encoder.layers.3.mlp.fc2.bias", "v.blk.3.ffn_down.bias"),
            (ClipLayout.VisualProjection, "visual_projection.weight"), (ClipLayout.TextProjection, "text_projection.weight"),
            ("something.else", "something.else"),
        ];
        var model = TernaryClip.Model() with { Tensors = [.. pairs.Select(p => new CompressedTensor(p.HuggingFace, [1], [Half.One]))] };
        Assert.Equal(pairs.Select(p => p.Gguf), Pack(model, GgufWeightType.TQ1_0).Tensors.Keys);
    }

    [Fact]
    public void Metadata_say_what_the_model_is()
    {
        var metadata = Pack(TernaryClip.Model(), GgufWeightType.TQ1_0).Metadata;
        Dictionary<string, object> expected = new()
        {
            ["general.architecture"] = "clip",
            ["general.description"] = "two-tower CLIP model",
            ["general.file_type"] = 36u,
            ["general.quantization_version"] = 2u,
            ["clip.has_text_encoder"] = true,
            ["clip.has_vision_encoder"] = true,
            ["clip.has_llava_projector"] = false,
            ["clip.use_gelu"] = true,
            ["clip.text.context_length"] = 20u,
            ["clip.text.embedding_length"] = 96u,
            ["clip.text.feed_forward_length"] = 384u,
            ["clip.text.projection_dim"] = 64u,
            ["clip.text.block_count"] = 1u,
            ["clip.text.attention.head_count"] = 3u,
            ["clip.text.attention.layer_norm_epsilon"] = 1e-5f,
            ["clip.vision.image_size"] = 32u,
            ["clip.vision.patch_size"] = 8u,
            ["clip.vision.embedding_length"] = 256u,
            ["clip.vision.feed_forward_length"] = 512u,
            ["clip.vision.projection_dim"] = 64u,
            ["clip.vision.block_count"] = 2u,
            ["clip.vision.attention.head_count"] = 4u,
            ["clip.vision.attention.layer_norm_epsilon"] = 1e-5f,
            ["clip.vision.image_mean"] = new object[] { 0.25f, 0.5f, 0.75f },
            ["clip.vision.image_std"] = new object[] { 0.5f, 0.25f, 1f },
            ["tokenizer.ggml.bos_token_id"] = 528u,
            ["tokenizer.ggml.eos_token_id"] = 529u,
            ["tokenizer.ggml.padding_token_id"] = 529u,
        };
        foreach (var (key, value) in expected)
            Assert.Equal(value, metadata[key]);
        Assert.Equal([.. expected.Keys, "tokenizer.ggml.tokens", "tokenizer.ggml.merges"], metadata.Keys.ToHashSet());
        var tokens = (object[])metadata["tokenizer.ggml.tokens"];
        Assert.Equal(530, tokens.Length);
        Assert.Equal((ClipSymbols.FirstTokens[300], ClipSymbols.EndText), (tokens[300], tokens[529]));
        // Every merge makes a token, in order.
        var merges = ((object[])metadata["tokenizer.ggml.merges"]).Cast<string>().Select(m => m.Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(tokens[512..528], merges);
    }

    [Theory]
    [InlineData(GgufWeightType.TQ1_0)]
    [InlineData(GgufWeightType.TQ2_0)]
    [InlineData(GgufWeightType.Q4_0)]
    [InlineData(GgufWeightType.Q8_0)]
    [InlineData(GgufWeightType.F16)]
    public void The_plan_knows_the_size_exactly_and_the_bytes_repeat(GgufWeightType type)
    {
        var model = TernaryClip.Model();
        Pack(model, type);
        var first = File.ReadAllBytes(_folder["model.gguf"]);
        Assert.Equal(first.Length, new GgufPacker(new GgufPackerOptions { Type = type }).EstimateBytes(Planned.From(model), model.Assets));
        Pack(model, type);
        Assert.Equal(first, File.ReadAllBytes(_folder["model.gguf"]));
    }

    [Theory]
    [InlineData(GgufWeightType.TQ2_0, 8, 0)]
    [InlineData(GgufWeightType.Q8_0, 8, 0)]
    [InlineData(GgufWeightType.Q4_0, 2, 0.51)]
    public void Eight_bit_codes_are_exact_where_eight_bits_are_allowed(GgufWeightType type, int number, double steps)
    {
        var model = TernaryClip.Model(scheme: Int8, group: 64);
        var plain = Pack(model, type);
        Assert.Equal(number, plain.Tensors["v.blk.0.ffn_up.weight"].Type);
        var tensor = model.Tensors.Single(t => t.Name == "vision_model.encoder.layers.0.mlp.fc1.weight");
        foreach (var (e, a) in Values(tensor).Chunk(32).Zip(plain.Values("v.blk.0.ffn_up.weight").Chunk(32)))
        {
            // The step of the block: its greatest magnitude is code -8, and +8 does not exist.
            var step = e.Max(Math.Abs) / 8;
            Assert.All(e.Zip(a), p => Assert.True(Math.Abs(p.First - p.Second) <= (steps == 0 ? 0 : p.First == 0 ? 1e-6 : steps * step + step * 0.51), $"{p}"));
        }
    }

    /// <summary>Each scheme gets the smallest of the types that hold it as it is.</summary>
    [Theory]
    [InlineData("binary", 256, 35)]
    [InlineData("binary", 128, 2)]
    [InlineData("int4", 32, 2)]
    [InlineData("int4", 128, 2)]
    [InlineData("int4-asymmetric", 32, 8)]
    [InlineData("int8", 4096, 8)]
    public void Every_scheme_is_exact_where_its_groups_are_whole_blocks(string name, int group, int number)
    {
        var model = TernaryClip.Model(scheme: Samples.Schemes.Single(s => s.Name == name), group: group);
        var plain = Pack(model, GgufWeightType.TQ2_0);
        Assert.Equal(number, plain.Tensors["v.blk.0.ffn_up.weight"].Type);
        // Rows of 8 pixels are no block; what is no float16 as it is, is rounded there.
        foreach (var tensor in model.Tensors.Where(t => t.Name != ClipLayout.PatchEmbedding))
            Assert.Equal(Values(tensor), plain.Values(Name(tensor.Name)));
    }

    [Fact]
    public void Groups_that_no_block_takes_stay_float16()
    {
        var plain = Pack(TernaryClip.Model(group: 16), GgufWeightType.TQ1_0);
        Assert.Equal([0, 1], plain.Tensors.Values.Select(t => t.Type).Distinct().Order());
    }

    [Fact]
    public void Inspect_counts_it()
    {
        var model = TernaryClip.Model();
        Pack(model, GgufWeightType.TQ1_0);
        var inspection = PackageInspection.Inspect(_folder.Path);
        Assert.Equal(("gguf", 3, model.Tensors.Sum(t => t.Shape.Aggregate(1L, (a, d) => a * d))), (inspection.Format, inspection.Version, inspection.Parameters));
        var tensor = inspection.Tensors.Single(t => t.Name == "v.blk.0.attn_q.weight");
        Assert.Equal(("tq1_0", 1.6875, 256L * 54), (tensor.Scheme, tensor.BitsPerWeight, tensor.Bytes));
        var quantized = model.Tensors.Single(t => t.Name == "vision_model.encoder.layers.0.self_attn.q_proj.weight").Quantized!;
        Assert.Equal(quantized.CountZeros() / (double)quantized.Count, tensor.Zeros);
    }

    [Fact]
    public void What_gguf_cannot_have_is_refused_by_name()
    {
        var model = TernaryClip.Model();
        CompressedTensor[] wrong =
        [
            new("empty", [0, 7], []),
            new(new string('n', 64), [1], [Half.One]),
            new("deep", [1, 1, 1, 1, 1], [Half.One]),
            new("large", new QuantizedTensor(Int8, [1, 33], 33, [127, .. new sbyte[32]], [Half.MaxValue])),
        ];
        foreach (var tensor in wrong)
            Assert.Contains($"'{tensor.Name}'", Refusal(model with { Tensors = [tensor] }), StringComparison.Ordinal);
        Assert.Contains("'vit'", Refusal(model with { Architecture = "vit" }), StringComparison.Ordinal);
        Assert.Contains("config.json", Refusal(model with { Assets = new Dictionary<string, byte[]>() }), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));

        string Refusal(CompressedModel bad) => Assert.Throws<InvalidInputException>(() => Pack(bad, GgufWeightType.TQ2_0)).Message;
    }

    [Fact]
    public void A_cancelled_packing_leaves_nothing()
    {
        var packer = new GgufPacker(new GgufPackerOptions());
        Assert.Throws<OperationCanceledException>(() => packer.Pack(TernaryClip.Model(), _folder.Path, new CancellationToken(canceled: true)));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    private PlainGguf Pack(CompressedModel model, GgufWeightType type)
    {
        var path = Assert.Single(new GgufPacker(new GgufPackerOptions { Type = type }).Pack(model, _folder.Path, TestContext.Current.CancellationToken));
        Assert.Equal(_folder["model.gguf"], path);
        return new PlainGguf(File.ReadAllBytes(path));
    }

    private static float[] Values(CompressedTensor tensor)
    {
        if (tensor.Dense is { } dense)
            return [.. dense.Select(h => (float)h)];
        var values = new float[tensor.Quantized!.Count];
        tensor.Quantized.Dequantize(values);
        return values;
    }

    // What the names test pins down, in one expression.
    private static string Name(string name) => name
        .Replace("text_model.", "t.", StringComparison.Ordinal).Replace("vision_model.", "v.", StringComparison.Ordinal)
        .Replace("encoder.layers.", "blk.", StringComparison.Ordinal).Replace("self_attn.", "attn_", StringComparison.Ordinal)
        .Replace("_proj.", ".", StringComparison.Ordinal).Replace("layer_norm1", "ln1", StringComparison.Ordinal).Replace("layer_norm2", "ln2", StringComparison.Ordinal)
        .Replace("mlp.fc1", "ffn_up", StringComparison.Ordinal).Replace("mlp.fc2", "ffn_down", StringComparison.Ordinal)
        .Replace("embeddings.", "", StringComparison.Ordinal).Replace("embedding", "embd", StringComparison.Ordinal)
        .Replace("pre_layrnorm", "pre_ln", StringComparison.Ordinal).Replace("post_layernorm", "post_ln", StringComparison.Ordinal)
        .Replace("final_layer_norm", "post_ln", StringComparison.Ordinal);
}
