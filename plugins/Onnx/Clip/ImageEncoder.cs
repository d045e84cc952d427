using CompressionHost.Inference;

namespace CompressionHost.Plugins.Onnx;

/// <summary>The image encoder: float32 [batch, 3, size, size] to float32 [batch, embedding], normalized. Input and output are named as in Hugging Face's exports.</summary>
internal static class ImageEncoder
{
    public const string Input = "pixel_values";
    public const string Output = "image_embeds";
    private const string Name = "vision_model.embeddings";

    public static OnnxGraph Graph(ClipConfig config, ClipValues values, IWeightForm form)
    {
        var (graph, vision) = (new OnnxGraph("image"), config.Vision);
        var pixels = graph.Input(new OnnxValue(Input, OnnxType.Float, "batch", 3, vision.ImageSize, vision.ImageSize));
        var patches = Patches(graph, form, vision, pixels);
        var blocks = new ClipBlocks(graph, values, form, config);
        var tokens = blocks.Norm(ClipLayout.VisionPreNorm, WithClassToken(graph, values, vision, patches));
        var tower = new ClipTower(ClipLayout.VisionBlock, ClipLayout.VisionPostNorm, vision.Width, vision.Depth, vision.Heads, Causal: false);
        var sequences = graph.Constant("sequences", -1, vision.Tokens, vision.Width);
        var pooled = blocks.All(tokens, tower, sequences, First, length: null);
        ClipEmbedding.Add(graph, form, config, pooled, ClipLayout.VisualProjection, Output);
        return graph;

        string First(string node, string x)
        {
            var one = graph.Node($"{node}/Gather", "Gather", [x, graph.Constant("first_token", 0)], [OnnxAttribute.Int("axis", 1)]);
            return graph.Node($"{node}/Squeeze", "Squeeze", [one, graph.Constant("axis_1", 1)]);
        }
    }

    /// <summary>The patch convolution, as a product, since patches do not overlap: [batch * patches, width].</summary>
    private static string Patches(OnnxGraph graph, IWeightForm form, ClipVisionConfig vision, string pixels)
    {
        var (patch, grid) = (vision.PatchSize, vision.ImageSize / vision.PatchSize);
        var split = graph.Node($"{Name}/Split", "Reshape", [pixels, graph.Constant("grid_of_patches", 0, 3, grid, patch, grid, patch)]);
        var sorted = graph.Node($"{Name}/Transpose", "Transpose", [split], [OnnxAttribute.Ints("perm", 0, 2, 4, 1, 3, 5)]);
        var rows = graph.Node($"{Name}/Patches", "Reshape", [sorted, graph.Constant("patches", -1, 3 * patch * patch)]);
        return form.Linear(graph, $"{Name}.patch_embedding", rows, ClipLayout.PatchEmbedding, null);
    }

    /// <summary>
    /// Puts a row of zeros before the patches of each image and adds the positions, the first with the class embedding in it: [batch * tokens, width]. Both are in the
    /// file under their own names, so that it can be read back; ONNX Runtime adds them once, when it loads the model.
    /// </summary>
    private static string WithClassToken(OnnxGraph graph, ClipValues values, ClipVisionConfig vision, string patches)
    {
        var rows = graph.Constant($"rows_of_{vision.Width}", -1, vision.Width);
        var images = graph.Node($"{Name}/Images", "Reshape", [patches, graph.Constant("images", -1, vision.Tokens - 1, vision.Width)]);
        var padded = graph.Node($"{Name}/Pad", "Pad", [images, graph.Constant("row_before", 0, 1, 0, 0, 0, 0)]);
        var first = graph.Node(
            $"{Name}/Class", "Pad", [values.Dense(graph, ClipLayout.ClassEmbedding), graph.Constant("rows_after", 0, (vision.Tokens - 1L) * vision.Width)]);
        var positions = graph.Node(
            $"{Name}/Positions", "Add", [values.Dense(graph, ClipLayout.VisionPositions), graph.Node($"{Name}/ClassRow", "Reshape", [first, rows])]);
        var added = graph.Node($"{Name}/Add", "Add", [padded, positions]);
        return graph.Node($"{Name}/Rows", "Reshape", [added, rows]);
    }
}
