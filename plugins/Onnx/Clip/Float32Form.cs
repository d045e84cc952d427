namespace CompressionHost.Plugins.Onnx;

/// <summary>Weights in float32, as they are.</summary>
internal sealed class Float32Form(ClipValues values) : IWeightForm
{
    public string Linear(OnnxGraph graph, string node, string input, string weight, string? bias)
    {
        var (rows, columns) = values.Matrix(weight);
        var matrix = graph.Initializer(new OnnxInitializer(weight, OnnxType.Float, [rows, columns], stream => values.Write(weight, stream)));
        string[] inputs = bias is null ? [input, matrix] : [input, matrix, values.Dense(graph, bias)];
        return graph.Node($"{node}/Gemm", "Gemm", inputs, [OnnxAttribute.Int("transB", 1)]);
    }

    public string Embedding(OnnxGraph graph, string node, string tokens, string table) =>
        graph.Node($"{node}/Gather", "Gather", [values.Dense(graph, table), tokens]);
}
