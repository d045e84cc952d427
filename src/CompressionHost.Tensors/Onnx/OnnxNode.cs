using System.Buffers.Binary;

namespace CompressionHost.Tensors;

/// <summary>An operation of an ONNX graph, read from the file when asked.</summary>
public readonly struct OnnxNode
{
    private const int Input = 1;
    private const int Output = 2;
    private readonly OnnxFile _file;

    internal OnnxNode(OnnxFile file, OnnxRange range) => (_file, Range) = (file, range);

    /// <summary>Its message in the file.</summary>
    public OnnxRange Range { get; }

    /// <summary>Its name; may be empty.</summary>
    public string Name => _file.Text(Last(3));

    /// <summary>Its operator, such as <c>MatMul</c>.</summary>
    public string Operator => _file.Text(Last(4));

    /// <summary>Domain of the operator; empty for ONNX's own.</summary>
    public string Domain => _file.Text(Last(7)) is "ai.onnx" or "" ? "" : _file.Text(Last(7));

    /// <summary>Names of the values it reads; empty for one that is left out.</summary>
    public IReadOnlyList<string> Inputs => Texts(Input);

    /// <summary>Names of the values it gives.</summary>
    public IReadOnlyList<string> Outputs => Texts(Output);

    /// <summary>An attribute that is a whole number.</summary>
    public long Int(string name, long otherwise) => Attribute(name) is { } range && Number(range) is { } value ? value : otherwise;

    /// <summary>An attribute that is a number.</summary>
    public float Float(string name, float otherwise)
    {
        if (Attribute(name) is not { } range)
            return otherwise;
        var message = new ProtobufReader(_file.Span(), range, _file.Path);
        while (message.Next())
        {
            if (message.Field == 2 && message.Wire == ProtobufReader.Fixed32)
                otherwise = BinaryPrimitives.ReadSingleLittleEndian(_file.Span(message.Range));
        }
        return otherwise;
    }

    /// <summary>An attribute that is a list of whole numbers; null where it is not there.</summary>
    public IReadOnlyList<long>? Ints(string name)
    {
        if (Attribute(name) is not { } range)
            return null;
        var values = new List<long>();
        var message = new ProtobufReader(_file.Span(), range, _file.Path);
        while (message.Next())
        {
            if (message.Field != 8)
                continue;
            if (message.Wire != ProtobufReader.Bytes)
            {
                values.Add(message.Number);
                continue;
            }
            for (var at = message.Range.Start; at < message.Range.End;)
                values.Add((long)OnnxTensorLayout.PackedVarint(_file, ref at, message.Range.End));
        }
        return values;
    }

    /// <summary>An attribute that is a tensor, under the name of the node's first output; null where it is not there.</summary>
    public OnnxTensor? Tensor(string name)
    {
        if (Attribute(name) is not { } range)
            return null;
        OnnxTensor? tensor = null;
        var message = new ProtobufReader(_file.Span(), range, _file.Path);
        while (message.Next())
        {
            if (message.Field == 5)
                tensor = new OnnxTensor(_file, message.Message, OnnxTensorLayout.Read(_file, message.Message), Outputs.FirstOrDefault("") ?? "");
        }
        return tensor;
    }

    /// <summary>Names that the graphs inside of this operation read, at any depth; the bodies of <c>If</c>, <c>Loop</c> and <c>Scan</c>.</summary>
    public IReadOnlyCollection<string> InnerInputs()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        _file.CollectInnerInputs(Range, names, depth: 0);
        return names;
    }

    private OnnxRange? Attribute(string name)
    {
        OnnxRange? found = null;
        var node = new ProtobufReader(_file.Span(), Range, _file.Path);
        while (node.Next())
        {
            if (node.Field != 5)
                continue;
            var attribute = new ProtobufReader(_file.Span(), node.Message, _file.Path);
            while (attribute.Next())
            {
                if (attribute.Field == 1 && _file.IsText(attribute.Message, name))
                    found = node.Message;
            }
        }
        return found;
    }

    private long? Number(OnnxRange range)
    {
        long? value = null;
        var message = new ProtobufReader(_file.Span(), range, _file.Path);
        while (message.Next())
        {
            if (message.Field == 3)
                value = message.Number;
        }
        return value;
    }

    private OnnxRange Last(int field)
    {
        OnnxRange found = default;
        var message = new ProtobufReader(_file.Span(), Range, _file.Path);
        while (message.Next())
        {
            if (message.Field == field)
                found = message.Message;
        }
        return found;
    }

    private List<string> Texts(int field)
    {
        var texts = new List<string>();
        var message = new ProtobufReader(_file.Span(), Range, _file.Path);
        while (message.Next())
        {
            if (message.Field == field)
                texts.Add(_file.Text(message.Message));
        }
        return texts;
    }
}
