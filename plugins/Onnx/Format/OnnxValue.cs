namespace CompressionHost.Plugins.Onnx;

/// <summary>Name, type and shape of an input or output, as <c>ValueInfoProto</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Shape">Each dimension a number, or the name of one that is known at run time.</param>
internal sealed record OnnxValue(string Name, OnnxType Type, params OnnxDimension[] Shape)
{
    public ProtobufMessage ToMessage()
    {
        var shape = new ProtobufMessage();
        foreach (var dimension in Shape)
        {
            shape.Message(1, dimension.Name is { } name
                ? new ProtobufMessage().Text(2, name)
                : new ProtobufMessage().Varint(1, dimension.Size));
        }
        var tensor = new ProtobufMessage().Varint(1, (int)Type).Message(2, shape);
        return new ProtobufMessage().Text(1, Name).Message(2, new ProtobufMessage().Message(1, tensor));
    }
}

/// <summary>A dimension: a number or a name.</summary>
internal readonly record struct OnnxDimension(long Size, string? Name)
{
    public static implicit operator OnnxDimension(long size) => new(size, null);

    public static implicit operator OnnxDimension(string name) => new(0, name);
}
