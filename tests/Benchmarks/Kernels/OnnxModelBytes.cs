using System.Text;

namespace CompressionHost.Benchmarks;

/// <summary>Writes an ONNX model of one node by hand, as protobuf: fields of <c>onnx.proto3</c>, each a tag (number * 8 + wire type) and a value.</summary>
internal sealed class OnnxModelBytes
{
    public const int Float = 1;
    public const int UInt8 = 2;
    public const int Int8 = 3;

    private const int Varint = 0;
    private const int LengthDelimited = 2;
    private const int AttributeTypeInt = 2;
    private const int IrVersion = 8;
    private const int Opset = 17;

    private readonly List<byte> _bytes = [];

    /// <summary>A model with one float input <c>x</c>, one float output <c>y</c> and the node's other inputs as initializers. The domain of ONNX's own operators is empty.</summary>
    public static byte[] Model(string operation, string domain, IReadOnlyDictionary<string, long> attributes, IReadOnlyList<(string Name, int Type, long[] Shape, byte[] Data)> weights,
        long[] inputShape, long[] outputShape)
    {
        var node = new OnnxModelBytes().Text(1, "x");
        foreach (var weight in weights)
            node.Text(1, weight.Name);
        node.Text(2, "y").Text(4, operation);
        foreach (var (name, value) in attributes)
            node.Message(5, new OnnxModelBytes().Text(1, name).Integer(3, value).Integer(20, AttributeTypeInt));
        node.Text(7, domain);

        var graph = new OnnxModelBytes().Message(1, node).Text(2, "product");
        foreach (var (name, type, shape, data) in weights)
        {
            var tensor = new OnnxModelBytes();
            foreach (var dimension in shape)
                tensor.Integer(1, dimension);
            graph.Message(5, tensor.Integer(2, type).Text(8, name).Bytes(9, data));
        }
        graph.Message(11, Value("x", inputShape)).Message(12, Value("y", outputShape));

        var model = new OnnxModelBytes().Integer(1, IrVersion).Message(7, graph).Message(8, new OnnxModelBytes().Text(1, "").Integer(2, Opset));
        if (domain.Length > 0)
            model.Message(8, new OnnxModelBytes().Text(1, domain).Integer(2, 1));
        return [.. model._bytes];
    }

    private static OnnxModelBytes Value(string name, long[] dimensions)
    {
        var shape = new OnnxModelBytes();
        foreach (var dimension in dimensions)
            shape.Message(1, new OnnxModelBytes().Integer(1, dimension));
        var type = new OnnxModelBytes().Message(1, new OnnxModelBytes().Integer(1, Float).Message(2, shape));
        return new OnnxModelBytes().Text(1, name).Message(2, type);
    }

    private OnnxModelBytes Integer(int field, long value)
    {
        Number((ulong)(field * 8 + Varint));
        Number((ulong)value);
        return this;
    }

    private OnnxModelBytes Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    private OnnxModelBytes Message(int field, OnnxModelBytes message) => Bytes(field, [.. message._bytes]);

    private OnnxModelBytes Bytes(int field, byte[] bytes)
    {
        Number((ulong)(field * 8 + LengthDelimited));
        Number((ulong)bytes.Length);
        _bytes.AddRange(bytes);
        return this;
    }

    // Seven bits a byte, lowest first; the top bit says that more follow.
    private void Number(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            _bytes.Add((byte)(value | 0x80));
        _bytes.Add((byte)value);
    }
}
