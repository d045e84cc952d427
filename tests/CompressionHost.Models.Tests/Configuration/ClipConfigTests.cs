using System.Text;
using System.Text.Json.Nodes;
using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Models.Tests;

public sealed class ClipConfigTests
{
    private const string OpenClip = """
        {"model_cfg":{"embed_dim":40,"vision_cfg":{"image_size":32,"layers":2,"width":48,"patch_size":8,"head_width":16},
        "text_cfg":{"context_length":77,"vocab_size":1000,"width":64,"heads":4,"layers":3}},"preprocess_cfg":{"mean":[0.5,0.5,0.5]}}
        """;

    [Fact]
    public void Absent_keys_are_the_defaults_of_transformers()
    {
        var config = Read("""{"model_type":"clip"}""");
        Assert.Equal(512, config.EmbeddingSize);
        Assert.Equal(ClipActivation.QuickGelu, config.Activation);
        Assert.Equal(1e-5, config.LayerNormEpsilon);
        Assert.Equal(new ClipVisionConfig { ImageSize = 224, PatchSize = 32, Width = 768, Depth = 12, Heads = 12, MlpWidth = 3072 }, config.Vision);
        Assert.Equal(new ClipTextConfig { VocabularySize = 49408, ContextLength = 77, Width = 512, Depth = 12, Heads = 8, MlpWidth = 2048, EndToken = 49407 }, config.Text);
        // OpenAI's ViT-B/32 has 151,277,313.
        Assert.Equal(151_277_313, config.Parameters);
    }

    [Fact]
    public void The_older_section_is_read_only_where_the_newer_is_absent()
    {
        Assert.Equal(640, Read("""{"text_config_dict":{"hidden_size":640},"text_config":null}""").Text.Width);
        Assert.Equal(768, Read("""{"text_config_dict":{"hidden_size":640},"text_config":{"hidden_size":768}}""").Text.Width);
    }

    [Fact]
    public void What_is_written_reads_back_the_same()
    {
        foreach (var config in (ClipConfig[])[TinyClip.Config(), TinyClip.Config(ClipActivation.Gelu, 2) with { LayerNormEpsilon = 1e-6 }, Read("{}")])
        {
            var json = config.ToHuggingFaceJson("bfloat16");
            Assert.Equal(config, ClipConfig.FromHuggingFace(json));
            var root = JsonNode.Parse(json)!;
            Assert.Equal("CLIPModel", (string?)root["architectures"]![0]);
            Assert.Equal("bfloat16", (string?)root["torch_dtype"]);
        }
    }

    [Fact]
    public void Open_clip_sizes_are_derived_as_open_clip_does()
    {
        var config = ClipConfig.FromOpenClip(Encoding.UTF8.GetBytes(OpenClip));
        Assert.Equal(ClipActivation.Gelu, config.Activation);
        Assert.Equal(new ClipVisionConfig { ImageSize = 32, PatchSize = 8, Width = 48, Depth = 2, Heads = 3, MlpWidth = 192 }, config.Vision);
        Assert.Equal(new ClipTextConfig { VocabularySize = 1000, ContextLength = 77, Width = 64, Depth = 3, Heads = 4, MlpWidth = 256, EndToken = 999 }, config.Text);
        Assert.Equal(ClipActivation.QuickGelu, ClipConfig.FromOpenClip(Encoding.UTF8.GetBytes(OpenClip.Replace("\"embed_dim\"", "\"quick_gelu\":true,\"embed_dim\"", StringComparison.Ordinal))).Activation);
        // ViT-g/14: width 1408, heads of 88, MLP of 6144.
        var giant = ClipConfig.FromOpenClip("""{"embed_dim":1024,"vision_cfg":{"image_size":[224,224],"layers":40,"width":1408,"head_width":88,"mlp_ratio":4.3637,"patch_size":14},"text_cfg":{}}"""u8);
        Assert.Equal((16, 6144, 224), (giant.Vision.Heads, giant.Vision.MlpWidth, giant.Vision.ImageSize));
    }

    [Theory]
    [InlineData("vision_cfg", "layers", "[3,4,6,3]", "ResNet")]
    [InlineData("vision_cfg", "timm_model_name", "\"vit_base\"", "vision_cfg.timm_model_name")]
    [InlineData("vision_cfg", "attentional_pool", "true", "vision_cfg.attentional_pool")]
    [InlineData("vision_cfg", "image_size", "[224,192]", "squares")]
    [InlineData("vision_cfg", "image_size", "[\"a\",2]", "squares")]
    [InlineData("vision_cfg", "head_width", "0", "head_width")]
    [InlineData("text_cfg", "hf_model_name", "\"roberta-base\"", "text_cfg.hf_model_name")]
    [InlineData("text_cfg", "pool_type", "\"last\"", "text_cfg.pool_type")]
    [InlineData("text_cfg", "no_causal_mask", "true", "text_cfg.no_causal_mask")]
    [InlineData("text_cfg", "mlp_ratio", "1e300", "text_cfg.mlp_ratio")]
    [InlineData("", "init_logit_bias", "-10", "SigLIP")]
    [InlineData("", "multimodal_cfg", "{}", "captioning")]
    [InlineData("", "embed_dim", "null", "embed_dim")]
    [InlineData("", "vision_cfg", "null", "vision_cfg")]
    public void Open_clip_towers_of_other_kinds_are_refused(string section, string key, string value, string message)
    {
        var root = JsonNode.Parse(OpenClip)!;
        var model = root["model_cfg"]!;
        (section.Length == 0 ? model : model[section]!)[key] = JsonNode.Parse(value);
        Refused(message, () => ClipConfig.FromOpenClip(Encoding.UTF8.GetBytes(root.ToJsonString()), "open_clip_config.json"));
    }

    [Theory]
    [InlineData("""{"model_type":"siglip"}""", "siglip")]
    [InlineData("""{"text_config":{"hidden_act":"gelu"}}""", "different activations")]
    [InlineData("""{"text_config":{"hidden_act":"gelu_new"},"vision_config":{"hidden_act":"gelu_new"}}""", "gelu_new")]
    [InlineData("""{"text_config":{"layer_norm_eps":1e-6}}""", "epsilons")]
    [InlineData("""{"text_config":{"vocab_size":1000}}""", "end token 49407")]
    [InlineData("""{"text_config":{"hidden_size":"512"}}""", "text_config.hidden_size")]
    [InlineData("""{"text_config":{"hidden_size":512.5}}""", "text_config.hidden_size")]
    [InlineData("""{"text_config":{"hidden_size":1e99}}""", "text_config.hidden_size")]
    [InlineData("""{"text_config":[]}""", "text_config")]
    [InlineData("""{"text_config":{"num_attention_heads":7}}""", "multiple of its 7 heads")]
    [InlineData("""{"text_config":{"num_hidden_layers":1000000}}""", "text depth")]
    [InlineData("""{"text_config":{"max_position_embeddings":0}}""", "context length")]
    [InlineData("""{"vision_config":{"num_channels":4}}""", "num_channels")]
    [InlineData("""{"vision_config":{"patch_size":33}}""", "multiple of the patch size")]
    [InlineData("""{"vision_config":{"patch_size":0}}""", "patch size")]
    [InlineData("""{"vision_config":{"image_size":16384,"patch_size":1}}""", "tokens")]
    [InlineData("""{"vision_config":{"hidden_size":65536,"num_attention_heads":64,"num_hidden_layers":1000}}""", "parameters")]
    [InlineData("""{"projection_dim":0}""", "embedding size")]
    [InlineData("""[1]""", "not a JSON object")]
    [InlineData("""{"projection_dim":""", "not JSON")]
    public void Bad_configurations_are_refused_by_key(string json, string message) => Refused(message, () => Read(json));

    private static void Refused(string message, Func<ClipConfig> read)
    {
        var fault = Assert.Throws<InvalidInputException>(() => { _ = read(); });
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.NotNull(fault.Path);
        Assert.Contains(fault.Path, fault.Message, StringComparison.Ordinal);
    }

    private static ClipConfig Read(string json) => ClipConfig.FromHuggingFace(Encoding.UTF8.GetBytes(json), "config.json");
}
