using System.Text.Json;

namespace CompressionHost.Inference;

/// <summary>transformers' <c>config.json</c> of <c>model_type: bert</c>.</summary>
internal static class HuggingFaceBertConfig
{
    public static BertConfig Read(ReadOnlySpan<byte> json, string? path)
    {
        using var document = ConfigObject.Parse(json, path, out var root);
        if (root.Text("model_type", "bert") is var type and not "bert")
            throw root.Fault("model_type", $"'{type}' is not supported; 'bert' is");
        if (root.Text("hidden_act", "gelu") is var activation and not "gelu")
            throw root.Fault("hidden_act", $"'{activation}' is not supported; 'gelu' is");
        if (root.Text("position_embedding_type", "absolute") is var positions and not "absolute")
            throw root.Fault("position_embedding_type", $"'{positions}' is not supported; 'absolute' is");
        if (root.Flag("is_decoder", false))
            throw root.Fault("is_decoder", "decoders are not supported; encoders are");
        return new BertConfig
        {
            VocabularySize = root.Integer("vocab_size", 30522),
            ContextLength = root.Integer("max_position_embeddings", 512),
            TokenTypes = root.Integer("type_vocab_size", 2),
            Width = root.Integer("hidden_size", 768),
            Depth = root.Integer("num_hidden_layers", 12),
            Heads = root.Integer("num_attention_heads", 12),
            MlpWidth = root.Integer("intermediate_size", 3072),
            PadToken = root.Integer("pad_token_id", 0),
            LayerNormEpsilon = root.Number("layer_norm_eps", 1e-12),
        }.Validate(path);
    }

    public static byte[] Write(BertConfig config, string dataType)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteStartArray("architectures");
            json.WriteStringValue("BertModel");
            json.WriteEndArray();
            json.WriteString("model_type", "bert");
            json.WriteNumber("vocab_size", config.VocabularySize);
            json.WriteNumber("max_position_embeddings", config.ContextLength);
            json.WriteNumber("type_vocab_size", config.TokenTypes);
            json.WriteNumber("hidden_size", config.Width);
            json.WriteNumber("num_hidden_layers", config.Depth);
            json.WriteNumber("num_attention_heads", config.Heads);
            json.WriteNumber("intermediate_size", config.MlpWidth);
            json.WriteString("hidden_act", "gelu");
            json.WriteString("position_embedding_type", "absolute");
            json.WriteNumber("layer_norm_eps", config.LayerNormEpsilon);
            json.WriteNumber("pad_token_id", config.PadToken);
            json.WriteNumber("hidden_dropout_prob", 0.0);
            json.WriteNumber("attention_probs_dropout_prob", 0.0);
            json.WriteNumber("initializer_range", 0.02);
            json.WriteString("torch_dtype", dataType);
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }
}
