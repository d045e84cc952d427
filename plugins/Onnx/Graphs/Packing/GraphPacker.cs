using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Onnx;

/// <summary>Puts the parameters of a compressed model back into its graph.</summary>
internal sealed class GraphPacker
{
    private readonly WeightScan _scan;
    private readonly IReadOnlyList<PackedWeight> _weights;
    private readonly OnnxWeightType _type;
    private readonly GraphEdit _edit;
    private readonly CodeForms _codes;
    private readonly List<OnnxStoredWeight> _stored = [];

    private GraphPacker(WeightScan scan, IReadOnlyList<PackedWeight> weights, OnnxPackerOptions options)
    {
        (_scan, _weights, _edit) = (scan, weights, new GraphEdit(scan.File));
        _type = options.Type == OnnxWeightType.Auto ? OnnxWeightType.Quantized : options.Type;
        _codes = new CodeForms(scan, _edit, options.Activations);
    }

    /// <summary>The changed model.</summary>
    /// <param name="scan">The graph without its weights.</param>
    /// <param name="weights">Its parameters.</param>
    /// <param name="options">How they are held.</param>
    /// <exception cref="InvalidInputException">The type is not one that a graph can have.</exception>
    public static OnnxModelWriter Pack(WeightScan scan, IReadOnlyList<PackedWeight> weights, OnnxPackerOptions options)
    {
        var packer = new GraphPacker(scan, weights, options);
        packer.Run();
        var edit = packer._edit;
        return new OnnxModelWriter(edit.Initializers, tensor => edit.ToMessage(tensor, _ => null));
    }

    private void Run()
    {
        foreach (var weight in _weights)
        {
            _edit.RemoveTensor(weight.Name);
            _stored.Add(Store(weight));
        }
        _edit.Describe(OnnxFolder.WeightsKey, _type.ToString().ToLowerInvariant());
        _edit.Describe(OnnxStoredWeight.Key, OnnxStoredWeight.Write(_stored));
    }

    private OnnxStoredWeight Store(PackedWeight weight) => (_type, weight.Scheme) switch
    {
        (OnnxWeightType.Float32, _) or (OnnxWeightType.Quantized or OnnxWeightType.Qdq or OnnxWeightType.Int8, null) => Float32(weight),
        (OnnxWeightType.Float16, _) => Float16(weight),
        (OnnxWeightType.Quantized, _) => _codes.Blocks(weight) ?? _codes.Dequantized(weight) ?? Float32(weight),
        (OnnxWeightType.Qdq, _) => _codes.Dequantized(weight) ?? Float32(weight),
        (OnnxWeightType.Int8, _) => _codes.Dynamic(weight) ?? _codes.Dequantized(weight, besideProducts: true) ?? Float32(weight),
        _ => throw new InvalidInputException(
            $"a graph is not packed with 'type: {_type.ToString().ToLowerInvariant()}'; quantize its weights with a rule, such as '{{ match: \"*\", use: int4 }}', and pack them with 'type: quantized'."),
    };

    private OnnxStoredWeight Float32(PackedWeight weight)
    {
        var tensor = weight.Weight.Tensor;
        // A graph of another type of floating point keeps it: the operations around it ask for that.
        if (tensor.Type == OnnxElementType.Float)
        {
            _edit.Add(new OnnxInitializer(weight.Name, OnnxType.Float, tensor.Shape, stream => ValueWriter.Floats(weight.Stored(), stream)));
        }
        else
        {
            _edit.Add(new OnnxInitializer($"{weight.Name}.float32", OnnxType.Float, tensor.Shape, stream => ValueWriter.Floats(weight.Stored(), stream)));
            Cast($"{weight.Name}.float32", weight);
        }
        return Describe.Dense(weight, "float32", weight.Weight.Tensor.Count * sizeof(float));
    }

    private OnnxStoredWeight Float16(PackedWeight weight)
    {
        _edit.Add(new OnnxInitializer($"{weight.Name}.float16", OnnxType.Float16, weight.Weight.Tensor.Shape, stream => ValueWriter.Halves(weight.Stored(), stream)));
        Cast($"{weight.Name}.float16", weight);
        return Describe.Dense(weight, "float16", weight.Weight.Tensor.Count * 2);
    }

    private void Cast(string from, PackedWeight weight) => _edit.AddFirst(_edit.Node(
        $"{from}/Cast", "Cast", [from], weight.Name, [OnnxAttribute.Int("to", (int)weight.Weight.Tensor.Type)]));
}
