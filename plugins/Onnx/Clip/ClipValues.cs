using System.Runtime.InteropServices;
using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Onnx;

/// <summary>Shapes and values of a CLIP model's tensors. Values are read a block of rows at a time, in float32, where they are needed.</summary>
internal sealed class ClipValues
{
    // Values in memory at a time.
    private const int BlockValues = 1 << 18;

    private readonly Dictionary<string, ClipTensor> _layout;
    private readonly IReadOnlyDictionary<string, CompressedTensor> _tensors;
    private readonly CancellationToken _cancellationToken;

    private ClipValues(ClipConfig config, IReadOnlyDictionary<string, CompressedTensor> tensors, CancellationToken cancellationToken)
    {
        _layout = ClipLayout.Tensors(config).ToDictionary(t => t.Name, StringComparer.Ordinal);
        (_tensors, _cancellationToken) = (tensors, cancellationToken);
    }

    /// <summary>Shapes alone.</summary>
    public static ClipValues ShapesOf(ClipConfig config) => new(config, new Dictionary<string, CompressedTensor>(), CancellationToken.None);

    /// <summary>The tensors of a model.</summary>
    /// <param name="config">Its sizes.</param>
    /// <param name="model">The model.</param>
    /// <param name="cancellationToken">Ends whatever reads values.</param>
    /// <exception cref="InvalidInputException">They are not those of the configuration, or a value is not finite.</exception>
    public static ClipValues Of(ClipConfig config, CompressedModel model, CancellationToken cancellationToken = default)
    {
        var tensors = new Dictionary<string, CompressedTensor>(StringComparer.Ordinal);
        foreach (var tensor in model.Tensors)
        {
            if (!tensors.TryAdd(tensor.Name, tensor))
                throw new InvalidInputException($"The model has the tensor '{tensor.Name}' twice.");
            if (tensor.Dense is { } dense && dense.AsSpan().IndexOfAnyExceptInRange(Half.MinValue, Half.MaxValue) is var at and >= 0)
                throw new InvalidInputException($"'{tensor.Name}' has {(Half.IsNaN(dense[at]) ? "NaN" : "an infinite value")} at index {at}.");
        }
        var values = new ClipValues(config, tensors, cancellationToken);
        foreach (var (name, expected) in values._layout)
        {
            if (!tensors.TryGetValue(name, out var tensor))
                throw new InvalidInputException($"The model lacks the tensor '{name}' that its config.json asks for.");
            if (!tensor.Shape.SequenceEqual(expected.Shape))
                throw new InvalidInputException($"'{name}' has shape {Text(tensor.Shape)}, and {Text(expected.Shape)} by config.json.");
        }
        return tensors.Keys.FirstOrDefault(name => !values._layout.ContainsKey(name)) is { } unknown
            ? throw new InvalidInputException($"The model has a tensor '{unknown}' that its config.json does not know.")
            : values;
    }

    /// <summary>Dimensions of a tensor.</summary>
    public IReadOnlyList<long> Shape(string name) => _layout[name].Shape;

    /// <summary>A tensor as a matrix: its first dimension, and the product of the others.</summary>
    public (int Rows, int Columns) Matrix(string name)
    {
        var shape = Shape(name);
        var rows = shape.Count == 0 ? 1 : checked((int)shape[0]);
        return (rows, checked((int)shape.Skip(1).Aggregate(1L, (a, d) => a * d)));
    }

    /// <summary>Every value.</summary>
    public float[] Read(string name)
    {
        var (rows, columns) = Matrix(name);
        var values = new float[checked(rows * columns)];
        Read(name, 0, rows, values);
        return values;
    }

    /// <summary>Writes some rows of a tensor as <see cref="Matrix"/> sees it.</summary>
    public void Read(string name, int firstRow, int rows, Span<float> destination)
    {
        var tensor = _tensors[name];
        if (tensor.Quantized is { } quantized)
        {
            quantized.DequantizeRows(firstRow, rows, destination);
            return;
        }
        var columns = Matrix(name).Columns;
        HalfFloats.Widen(tensor.Dense.AsSpan(firstRow * columns, rows * columns), destination);
    }

    /// <summary>Hands out the rows of a tensor in blocks.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="use">Takes the first row of a block and the block's values.</param>
    public void ForEachBlock(string name, BlockAction use)
    {
        var (rows, columns) = Matrix(name);
        var block = Math.Clamp(BlockValues / columns, 1, rows);
        var values = new float[block * columns];
        for (var row = 0; row < rows; row += block)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(block, rows - row);
            var part = values.AsSpan(0, count * columns);
            Read(name, row, count, part);
            use(row, part);
        }
    }

    /// <summary>Writes every value of a tensor.</summary>
    public void Write(string name, Stream stream) => ForEachBlock(name, (_, values) => stream.Write(MemoryMarshal.AsBytes(values)));

    /// <summary>Puts a tensor into a graph in float32.</summary>
    /// <returns>Its name there, which is its own.</returns>
    public string Dense(OnnxGraph graph, string name) => graph.Initializer(new OnnxInitializer(name, OnnxType.Float, Shape(name), stream => Write(name, stream)));

    private static string Text(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";

    public delegate void BlockAction(int firstRow, ReadOnlySpan<float> values);
}
