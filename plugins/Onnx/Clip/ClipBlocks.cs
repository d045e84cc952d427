using CompressionHost.Inference;

namespace CompressionHost.Plugins.Onnx;

/// <summary>
/// The transformer blocks of a tower. Tokens are rows of one matrix, as the products of every form want them; only attention sees
/// sequences.
/// </summary>
internal sealed class ClipBlocks(OnnxGraph graph, ClipValues values, IWeightForm form, ClipConfig config)
{
    private static readonly OnnxAttribute QuickGelu = OnnxAttribute.Float("alpha", 1.702f);
    private readonly OnnxAttribute _epsilon = OnnxAttribute.Float("epsilon", (float)config.LayerNormEpsilon);

    /// <summary>Layer normalization.</summary>
    public string Norm(string name, string input) =>
        graph.Node($"{name}/LayerNormalization", "LayerNormalization", [input, values.Dense(graph, $"{name}.weight"), values.Dense(graph, $"{name}.bias")], [OnnxAttribute.Int("axis", -1), _epsilon]);

    /// <summary>Every block, and the normalization after the last one.</summary>
    /// <param name="input">float32 [batch * tokens, width].</param>
    /// <param name="tower">Names and sizes.</param>
    /// <param name="sequences">Shape that gives [batch, tokens, width] of [batch * tokens, width].</param>
    /// <param name="pick">Takes a node's name and [batch, tokens, width], gives the token that is read, [batch, width].</param>
    /// <param name="length">int32 [batch], how many tokens the one that is read may look at; null for all.</param>
    /// <returns>float32 [batch, width], normalized.</returns>
    public string All(string input, ClipTower tower, string sequences, Func<string, string, string> pick, string? length)
    {
        var rows = graph.Constant($"rows_of_{tower.Width}", -1, tower.Width);
        var residual = input;
        for (var i = 0; i < tower.Depth; i++)
        {
            var (block, last) = (tower.Block(i), i == tower.Depth - 1);
            var normalized = Norm($"{block}.layer_norm1", residual);
            var (queries, shape) = (normalized, sequences);
            if (last)
            {
                // After the last block one token is read, so there the others need no query and no MLP.
                queries = pick($"{block}/queries", Reshape($"{block}/normalized", normalized, sequences));
                residual = pick($"{block}/residual", Reshape($"{block}/sequences", residual, sequences));
                shape = graph.Constant("one_token", -1, 1, tower.Width);
            }
            var name = $"{block}.self_attn";
            var q = Reshape($"{name}/queries", Linear($"{name}.q_proj", queries), shape);
            var k = Reshape($"{name}/keys", Linear($"{name}.k_proj", normalized), sequences);
            var v = Reshape($"{name}/values", Linear($"{name}.v_proj", normalized), sequences);
            var attended = Reshape($"{name}/rows", Attention(name, tower, [q, k, v], last ? length : null, tower.Causal && !last), rows);
            residual = Add($"{block}/attended", residual, Linear($"{name}.out_proj", attended));
            var inner = Linear($"{block}.mlp.fc1", Norm($"{block}.layer_norm2", residual));
            residual = Add($"{block}/output", residual, Linear($"{block}.mlp.fc2", Activate($"{block}.mlp", inner)));
        }
        return Norm(tower.FinalNorm, residual);
    }

    private string Attention(string name, ClipTower tower, string[] projected, string? length, bool causal)
    {
        // The fourth input is a bias, which the projections have added.
        string[] inputs = length is null ? projected : [.. projected, "", length];
        OnnxAttribute[] attributes = causal ? [OnnxAttribute.Int("num_heads", tower.Heads), OnnxAttribute.Int("unidirectional", 1)] : [OnnxAttribute.Int("num_heads", tower.Heads)];
        return graph.Node($"{name}/MultiHeadAttention", "MultiHeadAttention", inputs, attributes, OnnxGraph.Microsoft);
    }

    private string Activate(string name, string input) => config.Activation == ClipActivation.QuickGelu
        ? graph.Node($"{name}/QuickGelu", "QuickGelu", [input], [QuickGelu], OnnxGraph.Microsoft)
        : graph.Node($"{name}/Gelu", "Gelu", [input], domain: OnnxGraph.Microsoft);

    private string Linear(string name, string input) => form.Linear(graph, name, input, $"{name}.weight", $"{name}.bias");

    private string Reshape(string name, string input, string shape) => graph.Node(name, "Reshape", [input, shape]);

    // ONNX Runtime would fuse an Add and the normalization after it into its SkipLayerNormalization, which in 1.31 takes six times as long
    // as the two (0.6 ms for 197 x 768 on Zen 5, a fifth of the int8 encoder). It leaves Sum alone.
    private string Add(string name, string a, string b) => graph.Node(name, "Sum", [a, b]);
}

/// <summary>Names and sizes of a tower.</summary>
internal sealed record ClipTower(Func<int, string> Block, string FinalNorm, int Width, int Depth, int Heads, bool Causal);
