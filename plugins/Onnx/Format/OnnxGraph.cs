using System.Runtime.InteropServices;

namespace CompressionHost.Plugins.Onnx;

/// <summary>A graph under construction. Nodes are kept in the order in which they are added, so an input must be there before what reads it.</summary>
/// <param name="name">Name of the graph.</param>
internal sealed class OnnxGraph(string name)
{
    /// <summary>Domain of ONNX Runtime's own operators.</summary>
    public const string Microsoft = "com.microsoft";

    private readonly List<ProtobufMessage> _nodes = [];
    private readonly List<OnnxInitializer> _initializers = [];
    private readonly List<OnnxValue> _inputs = [];
    private readonly List<OnnxValue> _outputs = [];
    private readonly HashSet<string> _values = new(StringComparer.Ordinal);

    public IReadOnlyList<OnnxInitializer> Initializers => _initializers;

    public string Input(OnnxValue value)
    {
        Define(value.Name);
        _inputs.Add(value);
        return value.Name;
    }

    /// <summary>Makes a value that a node has given an output of the graph.</summary>
    public void Output(OnnxValue value)
    {
        Require(value.Name);
        _outputs.Add(value);
    }

    public string Initializer(OnnxInitializer initializer)
    {
        Define(initializer.Name);
        _initializers.Add(initializer);
        return initializer.Name;
    }

    /// <summary>A vector of integers, as shapes and indices are given; the same name again gives the same one.</summary>
    public string Constant(string value, params long[] values) => _values.Contains(value)
        ? value
        : Initializer(new OnnxInitializer(value, OnnxType.Int64, [values.Length], stream => stream.Write(MemoryMarshal.AsBytes<long>(values))));

    /// <summary>Adds a node with one output, which has the node's name.</summary>
    /// <param name="node">Name of the node.</param>
    /// <param name="op">Operator.</param>
    /// <param name="inputs">Values it reads; empty for an optional one that is left out.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <param name="domain">Domain of the operator.</param>
    /// <returns>Name of the output.</returns>
    public string Node(string node, string op, string[] inputs, OnnxAttribute[]? attributes = null, string domain = "")
    {
        Node(node, op, inputs, [node], attributes, domain);
        return node;
    }

    /// <summary>Adds a node.</summary>
    /// <inheritdoc cref="Node(string, string, string[], OnnxAttribute[], string)"/>
    public void Node(string node, string op, string[] inputs, string[] outputs, OnnxAttribute[]? attributes = null, string domain = "")
    {
        var message = new ProtobufMessage();
        foreach (var input in inputs)
        {
            Require(input);
            message.Text(1, input);
        }
        foreach (var output in outputs)
        {
            if (output.Length > 0)
                Define(output);
            message.Text(2, output);
        }
        message.Text(3, node).Text(4, op);
        foreach (var attribute in attributes ?? [])
            message.Message(5, attribute.Message);
        if (domain.Length > 0)
            message.Text(7, domain);
        _nodes.Add(message);
    }

    /// <summary>As <c>GraphProto</c>.</summary>
    /// <param name="tensor">Gives each initializer its message.</param>
    public ProtobufMessage ToMessage(Func<OnnxInitializer, ProtobufMessage> tensor)
    {
        var message = new ProtobufMessage();
        foreach (var node in _nodes)
            message.Message(1, node);
        message.Text(2, name);
        foreach (var initializer in _initializers)
            message.Message(5, tensor(initializer));
        foreach (var input in _inputs)
            message.Message(11, input.ToMessage());
        foreach (var output in _outputs)
            message.Message(12, output.ToMessage());
        return message;
    }

    private void Define(string value)
    {
        if (!_values.Add(value))
            throw new InvalidOperationException($"The graph has '{value}' twice.");
    }

    private void Require(string value)
    {
        if (value.Length > 0 && !_values.Contains(value))
            throw new InvalidOperationException($"'{value}' is read before it is there.");
    }
}
