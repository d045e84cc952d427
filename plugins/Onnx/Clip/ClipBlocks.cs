using CompressionHost.Inference;

namespace CompressionHost.Plugins.Onnx;

/// <summary>
/// The transformer blocks of a tower in ONNX Runtime's fused operators. Biases of projections that end in the residual stream are added where
/// the residual is, those of queries, keys and values where attention splits its heads, so that neither costs a pass of its own.
/// </summary>
internal sealed class ClipBlocks(OnnxGraph graph, ClipValues values, IWeightForm form, ClipConfig config)
{
    private static readonly OnnxAttribute QuickGelu = OnnxAttribute.Float("alpha", 1.702f);
    private readonly OnnxAttribute _epsilon = OnnxAttribute.Float("epsilon", (float)config.LayerNormEpsilon);

    /// <summary>Layer normalization.</summary>
    public string Norm(string name, string input) =>
        graph.Node($"{name}/LayerNormalization", "LayerNormalization", [input, Dense($"{name}.weight"), Dense($"{name}.bias")], [OnnxAttribute.Int("axis", -1), _epsilon]);

    /// <summary>Every block, and the normalization after the last one.</summary>
    /// <param name="input">float32 [batch, tokens, width].</param>
    /// <param name="tower">Names and sizes.</param>
    /// <param name="pick">Takes a node's name and [batch, tokens, width], gives the token that is read, [batch, 1, width].</param>
    /// <param name="length">int32 [batch], how many tokens the one that is read may look at; null for all.</param>
    /// <returns>float32 [batch, 1, width], normalized.</returns>
    public string All(string input, ClipTower tower, Func<string, string, string> pick, string? length)
    {
        var (residual, normalized) = (input, Norm($"{tower.Block(0)}.layer_norm1", input));
        for (var i = 0; i < tower.Depth; i++)
        {
            var (block, last) = (tower.Block(i), i == tower.Depth - 1);
            // After the last block one token is read, so there the others need no query and no MLP.
            var queries = last ? pick($"{block}/normalized", normalized) : normalized;
            residual = last ? pick($"{block}/residual", residual) : residual;
            var attended = Attention(block, tower, queries, normalized, last ? length : null, tower.Causal && !last);
            (residual, normalized) = AddNorm($"{block}.layer_norm2", attended, residual, $"{block}.self_attn.out_proj.bias", true);
            var inner = form.Linear(graph, $"{block}.mlp.fc1", normalized, $"{block}.mlp.fc1.weight", $"{block}.mlp.fc1.bias");
            var outer = form.Linear(graph, $"{block}.mlp.fc2", Activate($"{block}.mlp", inner, tower), $"{block}.mlp.fc2.weight", null);
            (residual, normalized) = AddNorm(last ? tower.FinalNorm : $"{tower.Block(i + 1)}.layer_norm1", outer, residual, $"{block}.mlp.fc2.bias", !last);
        }
        return normalized;
    }

    /// <summary>A tensor of the model in float32.</summary>
    public string Dense(string name) => graph.Initializer(new OnnxInitializer(name, OnnxType.Float, values.Shape(name), stream => values.Write(name, stream)));

    private string Attention(string block, ClipTower tower, string queries, string normalized, string? length, bool causal)
    {
        var name = $"{block}.self_attn";
        var q = form.Linear(graph, $"{name}.q_proj", queries, $"{name}.q_proj.weight", null);
        var k = form.Linear(graph, $"{name}.k_proj", normalized, $"{name}.k_proj.weight", null);
        var v = form.Linear(graph, $"{name}.v_proj", normalized, $"{name}.v_proj.weight", null);
        var bias = graph.Initializer(new OnnxInitializer($"{name}.bias", OnnxType.Float, [3L * tower.Width], stream =>
        {
            foreach (var part in (string[])["q_proj", "k_proj", "v_proj"])
                values.Write($"{name}.{part}.bias", stream);
        }));
        string[] inputs = length is null ? [q, k, v, bias] : [q, k, v, bias, length];
        OnnxAttribute[] attributes = causal ? [OnnxAttribute.Int("num_heads", tower.Heads), OnnxAttribute.Int("unidirectional", 1)] : [OnnxAttribute.Int("num_heads", tower.Heads)];
        var attended = graph.Node($"{name}/MultiHeadAttention", "MultiHeadAttention", inputs, attributes, OnnxGraph.Microsoft);
        return form.Linear(graph, $"{name}.out_proj", attended, $"{name}.out_proj.weight", null);
    }

    private string Activate(string name, string input, ClipTower tower)
    {
        var activated = config.Activation == ClipActivation.QuickGelu
            ? graph.Node($"{name}/QuickGelu", "QuickGelu", [input], [QuickGelu], OnnxGraph.Microsoft)
            : graph.Node($"{name}/Gelu", "Gelu", [input], domain: OnnxGraph.Microsoft);
        return activated;
    }

    private (string Residual, string Normalized) AddNorm(string norm, string input, string residual, string bias, bool keep)
    {
        var (normalized, sum) = ($"{norm}/SkipLayerNormalization", $"{norm}/Residual");
        graph.Node(
            normalized, "SkipLayerNormalization", [input, residual, Dense($"{norm}.weight"), Dense($"{norm}.bias"), Dense(bias)],
            keep ? [normalized, "", "", sum] : [normalized], [_epsilon], OnnxGraph.Microsoft);
        return (sum, normalized);
    }
}

/// <summary>Names and sizes of a tower.</summary>
internal sealed record ClipTower(Func<int, string> Block, string FinalNorm, int Width, int Depth, int Heads, bool Causal);
