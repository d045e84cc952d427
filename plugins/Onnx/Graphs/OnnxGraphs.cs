using System.Globalization;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Onnx;

/// <summary>Variants of a model: without its weights, as a package carries the graph, and with weights as inputs, as it is computed here.</summary>
internal static class OnnxGraphs
{
    /// <summary>Name of the graph among a model's assets.</summary>
    public const string Asset = "graph.onnx";

    // Where the parameters of a graph without weights claim to be.
    private const string Elsewhere = "weights";
    private const string MinimumKey = "compressionhost.minimum";

    /// <summary>The model without the values of its parameters.</summary>
    public static byte[] WithoutWeights(WeightScan scan, IReadOnlyList<GraphWeight> parameters, long minimum)
    {
        var edit = new GraphEdit(scan.File);
        foreach (var weight in parameters)
        {
            Remove(edit, weight);
            edit.Add(new OnnxInitializer(weight.Name, (OnnxType)weight.Tensor.Type, weight.Tensor.Shape, _ => { }));
        }
        edit.Describe(MinimumKey, minimum.ToString(CultureInfo.InvariantCulture));
        return Bytes(edit.ToMessage(tensor => tensor.ToExternalMessage(Elsewhere, 0), Inside));
    }

    /// <summary>The model with its parameters as inputs.</summary>
    public static byte[] WithWeightsAsInputs(WeightScan scan, IReadOnlyList<GraphWeight> parameters)
    {
        var edit = new GraphEdit(scan.File);
        foreach (var weight in parameters)
        {
            Remove(edit, weight);
            edit.AddInput(weight.Name, weight.Tensor.Type, weight.Tensor.Shape);
        }
        return Bytes(edit.ToMessage(tensor => tensor.ToMessage(), Inside));
    }

    /// <summary>Opens a graph without weights.</summary>
    /// <returns>What is known of its weights, and those that are parameters.</returns>
    /// <exception cref="InvalidInputException">It is malformed.</exception>
    public static (WeightScan Scan, IReadOnlyList<GraphWeight> Parameters) OpenAsset(byte[] graph)
    {
        var file = OnnxFile.Parse(graph, Asset);
        if (!file.TryFindMetadata(MinimumKey, out var text) || !long.TryParse(file.Span(text), NumberStyles.None, CultureInfo.InvariantCulture, out var minimum))
            throw new InvalidInputException($"{Asset}: its metadata has no '{MinimumKey}'; load the model with 'use: onnx'.");
        var scan = WeightScan.Of(file, minimum);
        return (scan, [.. scan.Weights.Where(w => w.Tensor.IsExternal)]);
    }

    private static void Remove(GraphEdit edit, GraphWeight weight)
    {
        if (weight.Node < 0)
            edit.RemoveTensor(weight.Name);
        else
            edit.RemoveNode(weight.Node);
    }

    // What stays is small, and what was beside the model is not where the new one will be.
    private static ProtobufMessage? Inside(OnnxTensor tensor) => tensor.IsExternal
        ? new OnnxInitializer(tensor.Name, (OnnxType)tensor.Type, tensor.Shape, stream => stream.Write(tensor.ReadBytes())).ToMessage()
        : null;

    private static byte[] Bytes(ProtobufMessage message)
    {
        using var stream = new MemoryStream(checked((int)message.Length));
        message.WriteTo(stream);
        return stream.ToArray();
    }
}
