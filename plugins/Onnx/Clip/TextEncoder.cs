using CompressionHost.Inference;

namespace CompressionHost.Plugins.Onnx;

/// <summary>
/// The text encoder: int64 [batch, length] to float32 [batch, embedding], normalized. A length below the context is allowed, as long as each text's end
/// token is in it. Input and output are named as in Hugging Face's exports.
/// </summary>
internal static class TextEncoder
{
    public const string Input = "input_ids";
    public const string Output = "text_embeds";
    private const string Name = "text_model.embeddings";

    public static OnnxGraph Graph(ClipConfig config, ClipValues values, IWeightForm form)
    {
        var (graph, text) = (new OnnxGraph("text"), config.Text);
        var tokens = graph.Input(new OnnxValue(Input, OnnxType.Int64, "batch", "length"));
        var length = graph.Node("length/Shape", "Shape", [tokens], [OnnxAttribute.Int("start", 1)]);
        var sequences = graph.Node(
            "sequences/Concat", "Concat", [graph.Constant("any", -1), length, graph.Constant("width", text.Width)], [OnnxAttribute.Int("axis", 0)]);
        var end = EndPosition(graph, text, tokens);
        var at = graph.Node("end/Unsqueeze", "Unsqueeze", [end, graph.Constant("axis_1", 1)]);
        var blocks = new ClipBlocks(graph, values, form, config);
        var tower = new ClipTower(ClipLayout.TextBlock, ClipLayout.TextFinalNorm, text.Width, text.Depth, text.Heads, Causal: true);
        var pooled = blocks.All(Embed(graph, values, form, text, tokens, length), tower, sequences, End, Seen(graph, end));
        ClipEmbedding.Add(graph, form, config, pooled, ClipLayout.TextProjection, Output);
        return graph;

        string End(string node, string x) => graph.Node($"{node}/GatherND", "GatherND", [x, at], [OnnxAttribute.Int("batch_dims", 1)]);
    }

    /// <summary>Token and position embeddings: [batch * length, width].</summary>
    private static string Embed(OnnxGraph graph, ClipValues values, IWeightForm form, ClipTextConfig text, string tokens, string length)
    {
        var positions = graph.Node($"{Name}/Slice", "Slice", [values.Dense(graph, ClipLayout.TextPositions), graph.Constant("zero", 0), length]);
        var added = graph.Node($"{Name}/Add", "Add", [form.Embedding(graph, $"{Name}.token_embedding", tokens, ClipLayout.TokenEmbedding), positions]);
        return graph.Node($"{Name}/Rows", "Reshape", [added, graph.Constant($"rows_of_{text.Width}", -1, text.Width)]);
    }

    /// <summary>Where each text is read, int64 [batch]: see <see cref="ClipTextConfig.EndToken"/>. Of equal values ArgMax takes the first.</summary>
    private static string EndPosition(OnnxGraph graph, ClipTextConfig text, string tokens)
    {
        var rank = text.EndToken == ClipTextConfig.LegacyEndToken
            ? tokens
            : graph.Node("end/Equal", "Equal", [tokens, graph.Constant("end_token", text.EndToken)]);
        var cast = graph.Node("end/Rank", "Cast", [rank], [OnnxAttribute.Int("to", (int)OnnxType.Int32)]);
        return graph.Node("end/ArgMax", "ArgMax", [cast], [OnnxAttribute.Int("axis", 1), OnnxAttribute.Int("keepdims", 0)]);
    }

    /// <summary>Tokens up to the end one, int32 [batch].</summary>
    private static string Seen(OnnxGraph graph, string end)
    {
        var count = graph.Node("end/Count", "Add", [end, graph.Constant("one", 1)]);
        return graph.Node("end/Seen", "Cast", [count], [OnnxAttribute.Int("to", (int)OnnxType.Int32)]);
    }
}
