namespace CompressionHost.Plugins.Onnx;

/// <summary>How the large weights are held in a graph and multiplied with.</summary>
internal interface IWeightForm
{
    /// <summary>x W^T + b.</summary>
    /// <param name="graph">Gets the nodes and the weight.</param>
    /// <param name="node">Prefix of the nodes' names.</param>
    /// <param name="input">float32 [..., inputs].</param>
    /// <param name="weight">Name of the weight, [outputs, inputs].</param>
    /// <param name="bias">Name of the bias in the model; null for none.</param>
    /// <returns>float32 [..., outputs].</returns>
    string Linear(OnnxGraph graph, string node, string input, string weight, string? bias);

    /// <summary>Rows of the token table.</summary>
    /// <param name="graph">Gets the nodes and the table.</param>
    /// <param name="node">Prefix of the nodes' names.</param>
    /// <param name="tokens">int64 [...].</param>
    /// <param name="table">Name of the table, [vocabulary, width].</param>
    /// <returns>float32 [..., width].</returns>
    string Embedding(OnnxGraph graph, string node, string tokens, string table);
}
