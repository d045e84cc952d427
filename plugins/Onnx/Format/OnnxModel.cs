namespace CompressionHost.Plugins.Onnx;

/// <summary>A graph and what a reader must know to run it, as <c>ModelProto</c>.</summary>
/// <param name="graph">The graph.</param>
/// <param name="metadata">Facts about the model, for its readers.</param>
internal sealed class OnnxModel(OnnxGraph graph, IReadOnlyList<KeyValuePair<string, string>> metadata)
{
    // ONNX 1.16: IR version 10, operator set 21.
    private const int IrVersion = 10;
    private const int OperatorSet = 21;

    /// <inheritdoc cref="OnnxModelWriter.Measure"/>
    public (long Model, long Data) Measure(string file, long mostInside = OnnxModelWriter.MostBytesInside) => Writer().Measure(file, mostInside);

    /// <inheritdoc cref="OnnxModelWriter.Write"/>
    public IReadOnlyList<string> Write(string path, long mostInside = OnnxModelWriter.MostBytesInside) => Writer().Write(path, mostInside);

    /// <summary>A key and a value, as <c>StringStringEntryProto</c>.</summary>
    public static ProtobufMessage Pair(string key, string value) => new ProtobufMessage().Text(1, key).Text(2, value);

    /// <summary>Writes it.</summary>
    public OnnxModelWriter Writer() => new(graph.Initializers, Message);

    /// <summary>The model without the values of its weights, which claim to be in another file.</summary>
    /// <param name="isWeight">Whether a tensor of that name is one.</param>
    /// <param name="isPlan">Whether other tensors have no values yet; they are then zeros.</param>
    public byte[] WithoutWeights(Func<string, bool> isWeight, bool isPlan)
    {
        var message = Message(tensor => tensor.Type != OnnxType.Float ? tensor.ToMessage()
            : isWeight(tensor.Name) ? tensor.ToExternalMessage("weights", 0)
            : isPlan ? (tensor with { Write = stream => stream.Write(new byte[tensor.Bytes]) }).ToMessage() : tensor.ToMessage());
        using var stream = new MemoryStream();
        message.WriteTo(stream);
        return stream.ToArray();
    }

    private ProtobufMessage Message(Func<OnnxInitializer, ProtobufMessage> tensor)
    {
        var message = new ProtobufMessage().Varint(1, IrVersion).Text(2, "CompressionHost").Message(7, graph.ToMessage(tensor))
            .Message(8, Operators("", OperatorSet)).Message(8, Operators(OnnxGraph.Microsoft, 1));
        foreach (var (key, value) in metadata)
            message.Message(14, Pair(key, value));
        return message;
    }

    private static ProtobufMessage Operators(string domain, int version) => new ProtobufMessage().Text(1, domain).Varint(2, version);
}
