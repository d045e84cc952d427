using System.Runtime.InteropServices;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Onnx;

/// <summary>Changes to a model: everything that is not replaced, removed or added stays byte for byte as it was.</summary>
/// <param name="file">The model.</param>
internal sealed class GraphEdit(OnnxFile file)
{
    /// <summary>Domain of ONNX Runtime's own operators.</summary>
    public const string Microsoft = "com.microsoft";

    // Initializers need not be inputs from version 4 on; version 8 has bfloat16 and every type used here.
    private const long LeastIrVersion = 8;
    private const int NodeField = 1;
    private const int TensorField = 5;
    private const int InputField = 11;

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _removedTensors = new(StringComparer.Ordinal);
    private readonly Dictionary<int, List<ProtobufMessage>> _replaced = [];
    private readonly List<ProtobufMessage> _first = [];
    private readonly List<ProtobufMessage> _inputs = [];
    private readonly List<OnnxInitializer> _initializers = [];
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private bool _usesMicrosoft;

    /// <summary>New initializers.</summary>
    public IReadOnlyList<OnnxInitializer> Initializers => _initializers;

    /// <summary>Takes a tensor out.</summary>
    public void RemoveTensor(string name) => _removedTensors.Add(name);

    /// <summary>Takes an operation out.</summary>
    public void RemoveNode(int index) => _replaced.TryAdd(index, []);

    /// <summary>Puts operations where another was.</summary>
    public void ReplaceNode(int index, params ReadOnlySpan<ProtobufMessage> nodes) => _replaced[index] = [.. nodes];

    /// <summary>An operation that only constants come before.</summary>
    public void AddFirst(ProtobufMessage node) => _first.Add(node);

    /// <summary>Adds a constant; one of that name that is there stays.</summary>
    public string Add(OnnxInitializer initializer)
    {
        if (_names.Add(initializer.Name))
            _initializers.Add(initializer);
        return initializer.Name;
    }

    /// <summary>A vector of 64-bit integers.</summary>
    public string Add(string name, params long[] values) =>
        Add(new OnnxInitializer(name, OnnxType.Int64, [values.Length], stream => stream.Write(MemoryMarshal.AsBytes<long>(values))));

    /// <summary>Makes a constant an input.</summary>
    public void AddInput(string name, OnnxElementType type, IReadOnlyList<long> shape)
    {
        _inputs.Add(new OnnxValue(name, (OnnxType)type, [.. shape.Select(d => (OnnxDimension)d)]).ToMessage());
    }

    /// <summary>Says something about the model.</summary>
    public void Describe(string key, string value) => _metadata[key] = value;

    /// <summary>An operation.</summary>
    public ProtobufMessage Node(string name, string op, string[] inputs, string output, OnnxAttribute[]? attributes = null, string domain = "")
    {
        _usesMicrosoft |= domain == Microsoft;
        var message = new ProtobufMessage();
        foreach (var input in inputs)
            message.Text(1, input);
        message.Text(2, output).Text(3, name).Text(4, op);
        foreach (var attribute in attributes ?? [])
            message.Message(5, attribute.Message);
        return domain.Length > 0 ? message.Text(7, domain) : message;
    }

    /// <summary>The changed model, as <c>ModelProto</c>.</summary>
    /// <param name="tensor">Gives each new constant its message.</param>
    /// <param name="kept">Gives each constant that stays its message; null for as it is.</param>
    public ProtobufMessage ToMessage(Func<OnnxInitializer, ProtobufMessage> tensor, Func<OnnxTensor, ProtobufMessage?> kept)
    {
        var message = new ProtobufMessage();
        var hasMicrosoft = false;
        foreach (var (field, bytes, value) in file.Fields(new OnnxRange(0, file.Span().Length)))
        {
            switch (field)
            {
                case 1:
                    message.Varint(1, Math.Max(value, LeastIrVersion));
                    break;
                case 2 or 3:
                    break;
                case 7:
                    message.Message(7, GraphMessage(tensor, kept));
                    break;
                case 14 when bytes is { } pair && _metadata.ContainsKey(Key(pair)):
                    break;
                default:
                    hasMicrosoft |= field == 8 && bytes is { } set && file.Fields(set).Any(f => f is { Field: 1, Bytes: { } domain } && file.Text(domain) == Microsoft);
                    Copy(message, field, bytes, value);
                    break;
            }
        }
        message.Text(2, "CompressionHost").Text(3, Version);
        if (_usesMicrosoft && !hasMicrosoft)
            message.Message(8, new ProtobufMessage().Text(1, Microsoft).Varint(2, 1));
        foreach (var (key, text) in _metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
            message.Message(14, OnnxModel.Pair(key, text));
        return message;
    }

    /// <summary>Version of this program.</summary>
    public static string Version { get; } = typeof(GraphEdit).Assembly.GetName().Version!.ToString(3);

    private ProtobufMessage GraphMessage(Func<OnnxInitializer, ProtobufMessage> tensor, Func<OnnxTensor, ProtobufMessage?> kept)
    {
        var graph = new ProtobufMessage();
        var dropped = _removedTensors.ToHashSet(StringComparer.Ordinal);
        var tensors = file.Tensors.GetEnumerator();
        var node = 0;
        foreach (var first in _first)
            graph.Message(NodeField, first);
        // Models of old versions list their constants among the inputs.
        var constants = file.Tensors.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (field, bytes, value) in file.Fields(file.Graph))
        {
            switch (field)
            {
                case NodeField when _replaced.TryGetValue(node++, out var others):
                    others.ForEach(o => graph.Message(NodeField, o));
                    break;
                case TensorField:
                    tensors.MoveNext();
                    if (!dropped.Contains(tensors.Current.Name))
                        KeepTensor(graph, tensors.Current, kept);
                    break;
                case InputField when bytes is { } range && constants.Contains(InputName(range)):
                    break;
                default:
                    Copy(graph, field, bytes, value);
                    break;
            }
        }
        foreach (var initializer in _initializers)
            graph.Message(TensorField, tensor(initializer));
        foreach (var input in _inputs)
            graph.Message(InputField, input);
        return graph;
    }

    private void KeepTensor(ProtobufMessage graph, OnnxTensor tensor, Func<OnnxTensor, ProtobufMessage?> kept)
    {
        if (kept(tensor) is { } message)
            graph.Message(TensorField, message);
        else
            Copy(graph, TensorField, tensor.Range, 0);
    }

    private void Copy(ProtobufMessage message, int field, OnnxRange? bytes, long value)
    {
        if (bytes is { } range)
            message.Streamed(field, range.Length, stream => stream.Write(file.Span(range)));
        else
            message.Varint(field, value);
    }

    private string Key(OnnxRange pair) => file.Fields(pair).Where(f => f is { Field: 1, Bytes: not null }).Select(f => file.Text(f.Bytes!.Value)).LastOrDefault("");

    private string InputName(OnnxRange input) => Key(input);
}
