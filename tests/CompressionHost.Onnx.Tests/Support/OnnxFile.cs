using System.Globalization;
using System.Runtime.InteropServices;

namespace CompressionHost.Onnx.Tests;

/// <summary>What is in an ONNX file, by the field numbers of its specification.</summary>
internal sealed class OnnxFile
{
    private readonly string _folder;

    public OnnxFile(string path)
    {
        _folder = Path.GetDirectoryName(path)!;
        var model = new ProtobufFields(File.ReadAllBytes(path));
        IrVersion = model.Number(1);
        Operators = model.Messages(8).ToDictionary(o => o.Text(1), o => o.Number(2));
        Metadata = model.Messages(14).ToDictionary(p => p.Text(1), p => p.Text(2));
        var graph = model.Message(7);
        Nodes = [.. graph.Messages(1).Select(n => new Node(n))];
        Tensors = [.. graph.Messages(5).Select(t => new Tensor(t))];
        Inputs = [.. graph.Messages(11).Select(v => new Value(v))];
        Outputs = [.. graph.Messages(12).Select(v => new Value(v))];
    }

    public long IrVersion { get; }

    public Dictionary<string, long> Operators { get; }

    public Dictionary<string, string> Metadata { get; }

    public Node[] Nodes { get; }

    public Tensor[] Tensors { get; }

    public Value[] Inputs { get; }

    public Value[] Outputs { get; }

    /// <summary>The bytes of a tensor, wherever they are.</summary>
    public byte[] Bytes(string name)
    {
        var tensor = Tensors.Single(t => t.Name == name);
        if (tensor.External is not { } external)
            return tensor.Raw!;
        using var file = File.OpenRead(Path.Combine(_folder, external.File));
        file.Position = external.Offset;
        var bytes = new byte[external.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    public T[] Values<T>(string name)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Bytes(name)).ToArray();

    internal sealed class Node(ProtobufFields fields)
    {
        public string[] Inputs { get; } = [.. fields.Texts(1)];

        public string[] Outputs { get; } = [.. fields.Texts(2)];

        public string Name { get; } = fields.Text(3);

        public string Op { get; } = fields.Text(4);

        public string Domain { get; } = fields.Text(7);

        /// <summary>The field that holds each attribute's value, and the number of its type.</summary>
        public (string Name, long Type, bool HasValue)[] Attributes { get; } = [.. fields.Messages(5).Select(a => (a.Text(1), a.Number(20), a.Has(a.Number(20) switch { 1 => 2, 2 => 3, 7 => 8, _ => 0 })))];
    }

    internal sealed class Tensor(ProtobufFields fields)
    {
        public long[] Shape { get; } = [.. fields.Numbers(1)];

        public long Type { get; } = fields.Number(2);

        public string Name { get; } = fields.Text(8);

        public byte[]? Raw { get; } = fields.Bytes(9).SingleOrDefault();

        public (string File, long Offset, long Length)? External { get; } = fields.Number(14) == 0 ? null : Place(fields.Messages(13).ToDictionary(p => p.Text(1), p => p.Text(2)));

        private static (string, long, long) Place(Dictionary<string, string> pairs) =>
            (pairs["location"], long.Parse(pairs["offset"], CultureInfo.InvariantCulture), long.Parse(pairs["length"], CultureInfo.InvariantCulture));
    }

    internal sealed class Value(ProtobufFields fields)
    {
        public string Name { get; } = fields.Text(1);

        public long Type { get; } = fields.Message(2).Message(1).Number(1);

        /// <summary>Numbers, and names of dimensions that are known at run time.</summary>
        public string[] Shape { get; } = [.. fields.Message(2).Message(1).Message(2).Messages(1).Select(d => d.Has(2) ? d.Text(2) : d.Number(1).ToString(CultureInfo.InvariantCulture))];
    }
}
