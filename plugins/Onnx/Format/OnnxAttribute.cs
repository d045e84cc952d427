namespace CompressionHost.Plugins.Onnx;

/// <summary>An attribute of a node, as <c>AttributeProto</c>.</summary>
internal sealed class OnnxAttribute
{
    private const int Name = 1;
    private const int TypeField = 20;

    private OnnxAttribute(ProtobufMessage message) => Message = message;

    public ProtobufMessage Message { get; }

    public static OnnxAttribute Int(string name, long value) => new(Named(name).Varint(3, value).Varint(TypeField, 2));

    public static OnnxAttribute Float(string name, float value) => new(Named(name).Float(2, value).Varint(TypeField, 1));

    public static OnnxAttribute Ints(string name, params ReadOnlySpan<long> values)
    {
        var message = Named(name);
        foreach (var value in values)
            message.Varint(8, value);
        return new OnnxAttribute(message.Varint(TypeField, 7));
    }

    private static ProtobufMessage Named(string name) => new ProtobufMessage().Text(Name, name);
}
