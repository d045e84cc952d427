namespace CompressionHost.Plugins.Onnx;

/// <summary>Writes a model, and its large tensors into a file beside it where they do not fit or are to lie there.</summary>
/// <param name="initializers">Tensors that may lie outside.</param>
/// <param name="build">The whole model, given the message of each of them.</param>
internal sealed class OnnxModelWriter(IReadOnlyList<OnnxInitializer> initializers, Func<Func<OnnxInitializer, ProtobufMessage>, ProtobufMessage> build)
{
    /// <summary>Protobuf refuses messages of 2 GiB and more; with this much in tensors the rest of the message surely has room.</summary>
    public const long MostBytesInside = (1L << 31) - (1L << 26);

    // Smaller tensors are shapes and indices, which readers want in the model itself.
    private const int LeastOutside = 1024;

    // Of a page, so that a reader may map the file.
    private const int Alignment = 4096;

    private const string Extension = ".data";

    /// <summary>Bytes of the model file and of its data file; the latter is 0 where there is none.</summary>
    /// <param name="file">Name of the model's file.</param>
    /// <param name="mostInside">Bytes of tensors from which on they go to the data file.</param>
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

    private (ProtobufMessage Message, List<(OnnxInitializer Tensor, long Offset)> Outside, string Data) Lay(string file, long mostInside)
    {
        var data = file + Extension;
        var outside = new List<(OnnxInitializer Tensor, long Offset)>();
        var large = initializers.Sum(t => t.Bytes) > mostInside;
        var end = 0L;
        var message = build(tensor =>
        {
            if (!large || tensor.Bytes < LeastOutside)
                return tensor.ToMessage();
            var offset = (end + Alignment - 1) / Alignment * Alignment;
            outside.Add((tensor, offset));
            end = offset + tensor.Bytes;
            return tensor.ToExternalMessage(data, offset);
        });
        return (message, outside, data);
    }
}
