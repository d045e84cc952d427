using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Onnx;

/// <summary>Finds the weights of a graph by what the operations that read them do.</summary>
internal sealed class WeightScan
{
    /// <summary>Fewer values are constants of a formula rather than weights.</summary>
    public const int LeastValues = 16;

    private readonly Dictionary<string, GraphWeight> _weights = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GraphWeight> _transposed = new(StringComparer.Ordinal);

    private WeightScan(OnnxFile file)
    {
        File = file;
        Nodes = [.. file.Nodes];
    }

    /// <summary>The model.</summary>
    public OnnxFile File { get; }

    /// <summary>Its operations.</summary>
    public IReadOnlyList<OnnxNode> Nodes { get; }

    /// <summary>Constants of floating point, in the order of the file.</summary>
    public IReadOnlyList<GraphWeight> Weights { get; private set; } = [];

    /// <summary>Reads a graph.</summary>
    /// <param name="file">The model.</param>
    /// <param name="minimum">Values from which on a weight may be quantized.</param>
    public static WeightScan Of(OnnxFile file, long minimum)
    {
        var scan = new WeightScan(file);
        scan.Collect();
        for (var i = 0; i < scan.Nodes.Count; i++)
            scan.Follow(i);
        foreach (var output in file.Outputs)
            scan.Capture(output.Name);
        foreach (var weight in scan.Weights)
            weight.Classify(minimum);
        return scan;
    }

    /// <summary>The initializer or constant of that name, or null.</summary>
    public GraphWeight? Find(string name) => _weights.GetValueOrDefault(name);

    private void Collect()
    {
        var found = new List<GraphWeight>();
        void Add(OnnxTensor tensor, int node)
        {
            var weight = new GraphWeight(tensor, node);
            if (!_weights.TryAdd(tensor.Name, weight))
                throw new InvalidInputException($"{File.Path}: the graph has the tensor '{tensor.Name}' twice.", File.Path);
            found.Add(weight);
        }
        foreach (var tensor in File.Tensors.Where(t => t.Type.IsFloat() && t.Count >= LeastValues))
            Add(tensor, -1);
        for (var i = 0; i < Nodes.Count; i++)
        {
            if (Nodes[i] is { Operator: "Constant", Domain: "" } node && node.Tensor("value") is { } value && value.Type.IsFloat() && value.Count >= LeastValues)
                Add(value, i);
        }
        Weights = found;
    }

    private void Follow(int index)
    {
        var node = Nodes[index];
        var inputs = node.Inputs;
        for (var i = 0; i < inputs.Count; i++)
        {
            var turned = _transposed.TryGetValue(inputs[i], out var weight);
            if (!turned && !_weights.TryGetValue(inputs[i], out weight))
                continue;
            if (!turned && IsTranspose(node, weight!) && _transposed.TryAdd(node.Outputs[0], weight!))
                weight!.Transposes.Add(index);
            else
                weight!.Add(Use(node, index, i, turned, weight));
        }
        foreach (var name in node.InnerInputs())
            Capture(name);
    }

    private void Capture(string name)
    {
        if (_weights.TryGetValue(name, out var weight) || _transposed.TryGetValue(name, out weight))
            weight.IsCaptured = true;
    }

    private static bool IsTranspose(OnnxNode node, GraphWeight weight) =>
        node is { Operator: "Transpose", Domain: "" } && weight.Tensor.Shape.Count == 2 && (node.Ints("perm") is not { } order || order is [1, 0]);

    private static WeightUse Use(OnnxNode node, int index, int input, bool turned, GraphWeight weight)
    {
        var matrix = weight.Tensor.Shape.Count == 2;
        if (node.Domain.Length > 0)
            return new WeightUse(index, null, false, false);
        return (node.Operator, input) switch
        {
            // A product with a batch of matrices has rows and columns for each of them; it is quantized as it lies.
            ("MatMul", 1) => new WeightUse(index, WeightKind.Linear, !turned && matrix, matrix),
            ("MatMul", 0) => new WeightUse(index, WeightKind.Linear, turned, false),
            ("Gemm", 1) => new WeightUse(index, WeightKind.Linear, (node.Int("transB", 0) == 0) != turned, IsPlain(node)),
            ("Gemm", 0) => new WeightUse(index, WeightKind.Linear, (node.Int("transA", 0) == 1) != turned, false),
            ("Conv", 1) => new WeightUse(index, WeightKind.Convolution, false, false),
            ("Gather", 0) when !turned && node.Int("axis", 0) == 0 => new WeightUse(index, WeightKind.Embedding, false, true),
            _ => new WeightUse(index, null, false, false),
        };
    }

    private static bool IsPlain(OnnxNode gemm) => gemm.Int("transA", 0) == 0 && gemm.Float("alpha", 1) == 1 && (gemm.Inputs.Count < 3 || gemm.Float("beta", 1) == 1);
}
