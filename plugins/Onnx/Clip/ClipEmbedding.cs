using CompressionHost.Inference;

namespace CompressionHost.Plugins.Onnx;

/// <summary>What both encoders end with.</summary>
internal static class ClipEmbedding
{
    /// <summary>Projects what was read, normalizes it and makes it the output.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="form">Holds the projection.</param>
    /// <param name="config">Sizes.</param>
    /// <param name="pooled">float32 [batch, width].</param>
    /// <param name="projection">Name of the projection's weight.</param>
    /// <param name="output">Name of the output, float32 [batch, embedding].</param>
    public static void Add(OnnxGraph graph, IWeightForm form, ClipConfig config, string pooled, string projection, string output)
    {
        var projected = form.Linear(graph, projection[..projection.LastIndexOf('.')], pooled, projection, null);
        graph.Node(output, "LpNormalization", [projected], [OnnxAttribute.Int("axis", -1), OnnxAttribute.Int("p", 2)]);
        graph.Output(new OnnxValue(output, OnnxType.Float, "batch", config.EmbeddingSize));
    }
}
