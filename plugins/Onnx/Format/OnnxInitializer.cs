namespace CompressionHost.Plugins.Onnx;

/// <summary>A constant tensor, whose values come when the file is written.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Write">Writes its values, little-endian and row-major.</param>
internal sealed record OnnxInitializer(string Name, OnnxType Type, IReadOnlyList<long> Shape, Action<Stream> Write)
{
    /// <summary>Bytes of its values.</summary>
    public long Bytes => Shape.Aggregate((long)Type.Size(), (a, d) => checked(a * d));

    /// <summary>As <c>TensorProto</c> with its values in it.</summary>
    public ProtobufMessage ToMessage() => Header().Streamed(9, Bytes, Write);

    /// <summary>As <c>TensorProto</c> whose values are in another file.</summary>
    /// <param name="file">The file, relative to the model's.</param>
    /// <param name="offset">Where they begin in it.</param>
    public ProtobufMessage ToExternalMessage(string file, long offset) => Header()
        .Message(13, OnnxModel.Pair("location", file))
        .Message(13, OnnxModel.Pair("offset", offset.ToString(System.Globalization.CultureInfo.InvariantCulture)))
        .Message(13, OnnxModel.Pair("length", Bytes.ToString(System.Globalization.CultureInfo.InvariantCulture)))
        .Varint(14, 1);

    private ProtobufMessage Header()
    {
        var message = new ProtobufMessage();
        foreach (var dimension in Shape)
            message.Varint(1, dimension);
        return message.Varint(2, (int)Type).Text(8, Name);
    }
}
