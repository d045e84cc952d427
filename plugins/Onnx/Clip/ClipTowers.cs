using System.Runtime.InteropServices;
using CompressionHost.Inference;

namespace CompressionHost.Plugins.Onnx;

/// <summary>The graphs of both encoders. Inputs and outputs are named as in Hugging Face's own exports.</summary>
internal sealed class ClipTowers(ClipConfig config, ClipValues values, Func<ClipValues, IWeightForm> form)
{
    public const string Pixels = "pixel_values";
    public const string Tokens = "input_ids";
    public const string ImageEmbeddings = "image_embeds";
    public const string TextEmbeddings = "text_embeds";
    private const string Batch = "batch";
    private const string Length = "sequence";

    /// <summary>float32 [batch, 3, size, size] to float32 [batch, embedding], normalized.</summary>
    public OnnxGraph Image()
    {
        var (graph, vision) = (new OnnxGraph("image"), config.Vision);
        var weights = form(values);
        var blocks = new ClipBlocks(graph, values, weights, config);
        var pixels = graph.Input(new OnnxValue(Pixels, OnnxType.Float, Batch, 3, vision.ImageSize, vision.ImageSize));
        var tokens = Patches(graph, weights, pixels);
        var tower = new ClipTower(ClipLayout.VisionBlock, ClipLayout.VisionPostNorm, vision.Width, vision.Depth, vision.Heads, Causal: false);
        var pooled = blocks.All(
            blocks.Norm(ClipLayout.VisionPreNorm, tokens), tower,
            (node, x) => graph.Node($"{node}/Gather", "Gather", [x, graph.Constant("first_token", 0)], [OnnxAttribute.Int("axis", 1)]), length: null);
        Embeddings(graph, weights, pooled, ClipLayout.VisualProjection, ImageEmbeddings);
        return graph;
    }

    /// <summary>int64 [batch, length] to float32 [batch, embedding], normalized.</summary>
    public OnnxGraph Text()
    {
        var (graph, text) = (new OnnxGraph("text"), config.Text);
        var weights = form(values);
        var blocks = new ClipBlocks(graph, values, weights, config);
        var tokens = graph.Input(new OnnxValue(Tokens, OnnxType.Int64, Batch, Length));
        var end = EndPosition(graph, tokens);
        var embedded = weights.Embedding(graph, "text_model.embeddings.token_embedding", tokens, ClipLayout.TokenEmbedding);
        var tower = new ClipTower(ClipLayout.TextBlock, ClipLayout.TextFinalNorm, text.Width, text.Depth, text.Heads, Causal: true);
        var width = graph.Constant("one_token", 0, 1, text.Width);
        var at = graph.Node("end/Unsqueeze", "Unsqueeze", [end, graph.Constant("axis_1", 1)]);
        var seen = graph.Node("end/Seen", "Cast", [graph.Node("end/Count", "Add", [end, graph.Constant("one", 1)])], [OnnxAttribute.Int("to", (int)OnnxType.Int32)]);
        var pooled = blocks.All(
            graph.Node("text_model.embeddings/Add", "Add", [embedded, Positions(graph, blocks, tokens)]), tower,
            (node, x) => graph.Node($"{node}/Reshape", "Reshape", [graph.Node($"{node}/GatherND", "GatherND", [x, at], [OnnxAttribute.Int("batch_dims", 1)]), width]), seen);
        Embeddings(graph, weights, pooled, ClipLayout.TextProjection, TextEmbeddings);
        return graph;
    }

    /// <summary>
    /// The patch convolution as a product, since its patches do not overlap, and the class token and positions: [batch, tokens, width]. A row
    /// of zeros goes before the patches, and the class embedding comes with its position.
    /// </summary>
    private string Patches(OnnxGraph graph, IWeightForm weights, string pixels)
    {
        const string name = "vision_model.embeddings";
        var vision = config.Vision;
        var (patch, grid) = (vision.PatchSize, vision.ImageSize / vision.PatchSize);
        var split = graph.Node($"{name}/Split", "Reshape", [pixels, graph.Constant("grid_of_patches", 0, 3, grid, patch, grid, patch)]);
        var sorted = graph.Node($"{name}/Transpose", "Transpose", [split], [OnnxAttribute.Ints("perm", 0, 2, 4, 1, 3, 5)]);
        var rows = graph.Node($"{name}/Rows", "Reshape", [sorted, graph.Constant("patches", 0, grid * grid, 3 * patch * patch)]);
        var patches = weights.Linear(graph, $"{name}.patch_embedding", rows, ClipLayout.PatchEmbedding, null);
        var padded = graph.Node($"{name}/Pad", "Pad", [patches, graph.Constant("row_before", 0, 1, 0, 0, 0, 0)]);
        var positions = graph.Initializer(new OnnxInitializer($"{name}.class_and_positions", OnnxType.Float, [vision.Tokens, vision.Width], stream =>
        {
            var (sum, first) = (values.Read(ClipLayout.VisionPositions), values.Read(ClipLayout.ClassEmbedding));
            for (var i = 0; i < first.Length; i++)
                sum[i] += first[i];
            stream.Write(MemoryMarshal.AsBytes<float>(sum));
        }));
        return graph.Node($"{name}/Add", "Add", [padded, positions]);
    }

    /// <summary>The positions of as many tokens as there are: [length, width].</summary>
    private static string Positions(OnnxGraph graph, ClipBlocks blocks, string tokens)
    {
        var length = graph.Node("length/Shape", "Shape", [tokens], [OnnxAttribute.Int("start", 1)]);
        return graph.Node("positions/Slice", "Slice", [blocks.Dense(ClipLayout.TextPositions), graph.Constant("zero", 0), length]);
    }

    /// <summary>Where each text is read, int64 [batch]: see <see cref="ClipTextConfig.EndToken"/>. Of equal values ArgMax takes the first.</summary>
    private string EndPosition(OnnxGraph graph, string tokens)
    {
        var text = config.Text;
        var rank = tokens;
        if (text.EndToken != ClipTextConfig.LegacyEndToken)
            rank = graph.Node("end/Equal", "Equal", [tokens, graph.Constant("end_token", text.EndToken)]);
        rank = graph.Node("end/Cast", "Cast", [rank], [OnnxAttribute.Int("to", (int)OnnxType.Int32)]);
        return graph.Node("end/ArgMax", "ArgMax", [rank], [OnnxAttribute.Int("axis", 1), OnnxAttribute.Int("keepdims", 0)]);
    }

    private void Embeddings(OnnxGraph graph, IWeightForm weights, string pooled, string projection, string output)
    {
        var one = graph.Node($"{output}/Squeeze", "Squeeze", [pooled, graph.Constant("axis_1", 1)]);
        var projected = weights.Linear(graph, projection[..projection.LastIndexOf('.')], one, projection, null);
        graph.Output(new OnnxValue(graph.Node(output, "LpNormalization", [projected], [OnnxAttribute.Int("axis", -1), OnnxAttribute.Int("p", 2)]), OnnxType.Float, Batch, config.EmbeddingSize));
    }
}
