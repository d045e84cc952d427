namespace CompressionHost.Plugins.Onnx;

/// <summary>A graph and what a reader must know to run it, as <c>ModelProto</c>.</summary>
/// <param name="graph">The graph.</param>
/// <param name="metadata">Facts about the model, for its readers.</param>
internal sealed class OnnxModel(OnnxGraph graph, IReadOnlyList<KeyValuePair<string, string>> metadata)
{
    /// <summary>Protobuf refuses messages of 2 GiB and more; with this much in tensors the rest of the message surely has room.</summary>
    public const long MostBytesInside = (1L << 31) - (1L << 26);

    // ONNX 1.16: IR version 10, operator set 21.
    private const int IrVersion = 10;
    private const int OperatorSet = 21;

    // Smaller tensors are shapes and indices, which readers want in the model itself.
    private const int LeastOutside = 1024;

    // Of a page, so that a reader may map the file.
    private const int Alignment = 4096;

    private const string Extension = ".data";

    /// <summary>Bytes of the model file and of its data file; the latter is 0 where there is none.</summary>
    public (long Model, long Data) Measure(string file, long mostInside = MostBytesInside)
    {
        var (message, outside, _) = Lay(file, mostInside);
        return (message.Length, outside.Count == 0 ? 0 : outside[^1].Offset + outside[^1].Tensor.Bytes);
    }

    /// <summary>Writes the model and, where its tensors are too large for one message, a data file beside it.</summary>
    /// <param name="path">The model's file.</param>
    /// <param name="mostInside">Bytes of tensors from which on they go to the data file.</param>
    /// <returns>The files written.</returns>
    public IReadOnlyList<string> Write(string path, long mostInside = MostBytesInside)
    {
        var (message, outside, data) = Lay(Path.GetFileName(path), mostInside);
        var files = new List<string> { path };
        if (outside.Count > 0)
        {
            files.Add(Path.Combine(Path.GetDirectoryName(path)!, data));
            Tensors.AtomicFile.Write(files[1], stream =>
            {
                foreach (var (tensor, offset) in outside)
                {
                    stream.SetLength(offset);
                    stream.Position = offset;
                    tensor.Write(stream);
                }
            });
        }
        Tensors.AtomicFile.Write(path, stream =>
        {
            message.WriteTo(stream);
            if (stream.Position != message.Length)
                throw new InvalidOperationException($"{stream.Position} bytes were written of {message.Length}.");
        });
        return files;
    }

    /// <summary>A key and a value, as <c>StringStringEntryProto</c>.</summary>
    public static ProtobufMessage Pair(string key, string value) => new ProtobufMessage().Text(1, key).Text(2, value);

    private (ProtobufMessage Message, List<(OnnxInitializer Tensor, long Offset)> Outside, string Data) Lay(string file, long mostInside)
    {
        var data = file + Extension;
        var outside = new List<(OnnxInitializer Tensor, long Offset)>();
        var large = graph.Initializers.Sum(t => t.Bytes) > mostInside;
        var end = 0L;
        var body = graph.ToMessage(tensor =>
        {
            if (!large || tensor.Bytes < LeastOutside)
                return tensor.ToMessage();
            var offset = (end + Alignment - 1) / Alignment * Alignment;
            outside.Add((tensor, offset));
            end = offset + tensor.Bytes;
            return tensor.ToExternalMessage(data, offset);
        });
        var message = new ProtobufMessage().Varint(1, IrVersion).Text(2, "CompressionHost").Message(7, body)
            .Message(8, Operators("", OperatorSet)).Message(8, Operators(OnnxGraph.Microsoft, 1));
        foreach (var (key, value) in metadata)
            message.Message(14, Pair(key, value));
        return (message, outside, data);
    }

    private static ProtobufMessage Operators(string domain, int version) => new ProtobufMessage().Text(1, domain).Varint(2, version);
}
