using System.Text;

namespace CompressionHost.Tensors;

/// <summary>
/// An ONNX model as it lies in its file, checked: the messages it is made of, the tensors against their dimensions. Nothing is unpacked until it is asked for;
/// beside the file's own bytes it holds eight a node and tensor. Models are at most 2 GB, as protobuf has it; larger ones keep their values in files beside them.
/// </summary>
public sealed class OnnxFile
{
    /// <summary>Extension of the files.</summary>
    public const string Extension = ".onnx";

    private const int MostDepth = 64;
    private const int MostPorts = 16_384;
    private const int GraphField = 7;
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly OnnxRange[] _nodes;
    private readonly OnnxRange[] _tensors;

    private OnnxFile(ReadOnlyMemory<byte> bytes, string path, string? folder)
    {
        (_bytes, Path, Folder) = (bytes, path, folder);
        Graph = FindGraph();
        _nodes = Find(1);
        _tensors = Find(5);
        Inputs = Ports(11);
        Outputs = Ports(12);
        CheckTensors();
        CheckNodes();
    }

    /// <summary>The file, or what stands for it in messages.</summary>
    public string Path { get; }

    /// <summary>Where files with values may be; null for a model in memory.</summary>
    public string? Folder { get; }

    /// <summary>The graph's message.</summary>
    public OnnxRange Graph { get; }

    /// <summary>The graph's inputs. Models of old versions list their tensors among them.</summary>
    public IReadOnlyList<OnnxPort> Inputs { get; }

    /// <summary>The graph's outputs.</summary>
    public IReadOnlyList<OnnxPort> Outputs { get; }

    /// <summary>Number of operations.</summary>
    public int NodeCount => _nodes.Length;

    /// <summary>Number of constant tensors.</summary>
    public int TensorCount => _tensors.Length;

    /// <summary>The operations, in an order in which they can be computed.</summary>
    public IEnumerable<OnnxNode> Nodes => _nodes.Select(r => new OnnxNode(this, r));

    /// <summary>The constant tensors (initializers), in the order of the file.</summary>
    public IEnumerable<OnnxTensor> Tensors => _tensors.Select(r =>
    {
        var layout = OnnxTensorLayout.Read(this, r);
        return new OnnxTensor(this, r, layout, Text(layout.Name));
    });

    /// <summary>Finds a fact about the model. Only its place: text takes twice the room of its bytes.</summary>
    /// <param name="key">Its key; of several facts with it the last one counts.</param>
    /// <param name="value">Where its text is.</param>
    public bool TryFindMetadata(string key, out OnnxRange value)
    {
        ArgumentNullException.ThrowIfNull(key);
        var found = false;
        value = default;
        var model = new ProtobufReader(Span(), new OnnxRange(0, _bytes.Length), Path);
        while (model.Next())
        {
            if (model.Field != 14)
                continue;
            var (name, text) = Pair(model.Message);
            if (IsText(name, key))
                (found, value) = (true, text);
        }
        return found;
    }

    /// <summary>Version of an operator set that the model imports; 0 where it does not.</summary>
    /// <param name="domain">Domain of the set; empty for ONNX's own.</param>
    public long OperatorSet(string domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        var version = 0L;
        foreach (var (_, bytes, _) in Fields(new OnnxRange(0, _bytes.Length)).Where(f => f is { Field: 8, Bytes: not null }))
        {
            var set = Fields(bytes!.Value);
            var name = set.Where(f => f is { Field: 1, Bytes: not null }).Select(f => Text(f.Bytes!.Value)).LastOrDefault("");
            if (name == domain || (domain.Length == 0 && name == "ai.onnx"))
                version = set.Where(f => f.Field == 2).Select(f => f.Value).LastOrDefault();
        }
        return version;
    }

    /// <summary>Reads a model.</summary>
    /// <exception cref="InvalidInputException">It is missing, larger than a model can be, or malformed.</exception>
    public static OnnxFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var full = System.IO.Path.GetFullPath(path);
        var file = new FileInfo(full);
        if (!file.Exists)
            throw new InvalidInputException($"{path}: no such file. Name an ONNX model.", full);
        if (FileLength.Of(full) is var length && length > Array.MaxLength)
            throw new InvalidInputException($"{path}: it has {length} bytes, and a model has at most {Array.MaxLength}. It is none, or it is damaged.", full);
        return new OnnxFile(File.ReadAllBytes(full), full, file.DirectoryName);
    }

    /// <summary>Checks a model in memory, whose tensors must be in it.</summary>
    /// <param name="bytes">The model; not copied.</param>
    /// <param name="name">What stands for its path in messages.</param>
    /// <exception cref="InvalidInputException">It is malformed.</exception>
    public static OnnxFile Parse(ReadOnlyMemory<byte> bytes, string name) => new(bytes, name, null);

    /// <summary>All bytes.</summary>
    public ReadOnlySpan<byte> Span() => _bytes.Span;

    /// <summary>Some bytes.</summary>
    public ReadOnlySpan<byte> Span(OnnxRange range) => _bytes.Span.Slice(range.Start, range.Length);

    internal ReadOnlyMemory<byte> Memory(OnnxRange range) => _bytes.Slice(range.Start, range.Length);

    /// <summary>The fields of the model, or of its graph, in their order.</summary>
    /// <param name="message">The whole file, or <see cref="Graph"/>.</param>
    /// <returns>Number, and bytes where the field has some or else the value.</returns>
    public IReadOnlyList<(int Field, OnnxRange? Bytes, long Value)> Fields(OnnxRange message)
    {
        var fields = new List<(int, OnnxRange?, long)>();
        var reader = new ProtobufReader(Span(), message, Path);
        while (reader.Next())
            fields.Add((reader.Field, reader.Wire == ProtobufReader.Varint ? null : reader.Range, (long)reader.Value));
        return fields;
    }

    /// <summary>Text in UTF-8; what is none becomes replacement characters.</summary>
    public string Text(OnnxRange range) => range.Length == 0 ? "" : Encoding.UTF8.GetString(Span(range));

    internal bool IsText(OnnxRange range, string text) => range.Length == Encoding.UTF8.GetByteCount(text) && Text(range) == text;

    internal InvalidInputException Fault(string what) => new($"{Path}: not an ONNX model, or a damaged one: {what}.", Path);

    /// <summary>Key and value of a <c>StringStringEntryProto</c>.</summary>
    internal (OnnxRange Key, OnnxRange Value) Pair(OnnxRange range)
    {
        OnnxRange key = default, value = default;
        var pair = new ProtobufReader(Span(), range, Path);
        while (pair.Next())
        {
            if (pair.Field == 1)
                key = pair.Message;
            else if (pair.Field == 2)
                value = pair.Message;
        }
        return (key, value);
    }

    internal void CollectInnerInputs(OnnxRange node, HashSet<string> names, int depth)
    {
        if (depth > MostDepth)
            throw Fault($"graphs are nested more than {MostDepth} deep");
        var reader = new ProtobufReader(Span(), node, Path);
        while (reader.Next())
        {
            if (reader.Field != 5)
                continue;
            var attribute = new ProtobufReader(Span(), reader.Message, Path);
            while (attribute.Next())
            {
                // A graph, or one of a list of them.
                if (attribute.Field is not (6 or 11) || attribute.Wire != ProtobufReader.Bytes)
                    continue;
                var graph = new ProtobufReader(Span(), attribute.Message, Path);
                while (graph.Next())
                {
                    if (graph.Field == 12)
                        names.Add(OnnxPort.Read(this, graph.Message).Name);
                    if (graph.Field != 1)
                        continue;
                    names.UnionWith(new OnnxNode(this, graph.Message).Inputs);
                    CollectInnerInputs(graph.Message, names, depth + 1);
                }
            }
        }
    }

    private OnnxRange FindGraph()
    {
        OnnxRange? graph = null;
        var model = new ProtobufReader(Span(), new OnnxRange(0, _bytes.Length), Path);
        while (model.Next())
        {
            if (model.Field == GraphField)
                graph = graph is null ? model.Message : throw Fault("it has two graphs");
        }
        return graph ?? throw Fault("it has no graph");
    }

    // Counted first: a list that grows would take twice the room.
    private OnnxRange[] Find(int field)
    {
        var count = 0;
        var graph = new ProtobufReader(Span(), Graph, Path);
        while (graph.Next())
        {
            if (graph.Field != field)
                continue;
            // A node has an operator and an output, a tensor a name: eight bytes of the file for eight in memory.
            if (graph.Message.Length < (field == 1 ? 6 : 3))
                throw Fault($"at byte {graph.Range.Start} a part of the graph is empty");
            count++;
        }
        var found = new OnnxRange[count];
        count = 0;
        graph = new ProtobufReader(Span(), Graph, Path);
        while (graph.Next())
        {
            if (graph.Field == field)
                found[count++] = graph.Range;
        }
        return found;
    }

    private OnnxPort[] Ports(int field)
    {
        var ranges = Find(field);
        return ranges.Length <= MostPorts
            ? [.. ranges.Select(r => OnnxPort.Read(this, r))]
            : throw Fault($"it has {ranges.Length} inputs or outputs; at most {MostPorts} are read");
    }

    private void CheckTensors()
    {
        foreach (var range in _tensors)
        {
            if (OnnxTensorLayout.Read(this, range).Name.Length == 0)
                throw Fault($"at byte {range.Start} a tensor has no name");
        }
    }

    private void CheckNodes()
    {
        foreach (var range in _nodes)
        {
            var (named, outputs) = (false, 0);
            var node = new ProtobufReader(Span(), range, Path);
            while (node.Next())
            {
                if (node.Field == 4)
                    named = node.Message.Length > 0;
                if (node.Field == 2)
                    outputs++;
            }
            if (!named || outputs == 0)
                throw Fault($"at byte {range.Start} an operation has no operator or no output");
        }
    }
}
