using System.Text;

namespace CompressionHost.EndToEnd.Tests;

/// <summary>An ONNX model that is one product: <c>y = x weight</c>, by the field numbers of the format.</summary>
internal static class OneProduct
{
    public static void Write(string path, int inputs, int outputs)
    {
        var random = new Random(1);
        var values = new byte[inputs * outputs * sizeof(float)];
        for (var i = 0; i < inputs * outputs; i++)
            BitConverter.TryWriteBytes(values.AsSpan(i * sizeof(float)), (float)(random.NextDouble() - 0.5));
        byte[] node = [.. Text(1, "x"), .. Text(1, "weight"), .. Text(2, "y"), .. Text(3, "product"), .. Text(4, "MatMul")];
        byte[] tensor = [.. Number(1, inputs), .. Number(1, outputs), .. Number(2, 1), .. Text(8, "weight"), .. Bytes(9, values)];
        byte[] graph = [.. Bytes(1, node), .. Text(2, "graph"), .. Bytes(5, tensor), .. Bytes(11, Value("x", inputs)), .. Bytes(12, Value("y", outputs))];
        File.WriteAllBytes(path, [.. Number(1, 8), .. Bytes(7, graph), .. Bytes(8, [.. Text(1, ""), .. Number(2, 17)])]);
    }

    private static byte[] Value(string name, int width)
    {
        byte[] shape = [.. Bytes(1, Text(2, "batch")), .. Bytes(1, Number(1, width))];
        return [.. Text(1, name), .. Bytes(2, Bytes(1, [.. Number(1, 1), .. Bytes(2, shape)]))];
    }

    private static byte[] Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    private static byte[] Number(int field, int value) => [(byte)(field << 3), .. Varint(value)];

    private static byte[] Bytes(int field, byte[] value) => [(byte)((field << 3) | 2), .. Varint(value.Length), .. value];

    private static List<byte> Varint(int value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return bytes;
    }
}
