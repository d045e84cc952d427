using System.Runtime.InteropServices;

namespace CompressionHost.Plugins.Onnx;

/// <summary>Weights in float32.</summary>
internal sealed class Float32Form(ClipValues values) : IWeightForm
{
    public string Linear(OnnxGraph graph, string node, string input, string weight, string? bias)
    {
        var (rows, columns) = values.Matrix(weight);
        var matrix = graph.Initializer(new OnnxInitializer(weight, OnnxType.Float, [columns, rows], stream => WriteTransposed(weight, stream)));
        var product = graph.Node($"{node}/MatMul", "MatMul", [input, matrix]);
        if (bias is null)
            return product;
        // ONNX Runtime makes one operator of these two.
        var add = graph.Initializer(new OnnxInitializer(bias, OnnxType.Float, values.Shape(bias), stream => values.Write(bias, stream)));
        return graph.Node($"{node}/Add", "Add", [product, add]);
    }

    public string Embedding(OnnxGraph graph, string node, string tokens, string table)
    {
        var rows = graph.Initializer(new OnnxInitializer(table, OnnxType.Float, values.Shape(table), stream => values.Write(table, stream)));
        return graph.Node($"{node}/Gather", "Gather", [rows, tokens]);
    }

    private void WriteTransposed(string name, Stream stream)
    {
        var (rows, columns) = values.Matrix(name);
        var read = values.Read(name);
        var written = new float[rows];
        for (var column = 0; column < columns; column++)
        {
            for (var row = 0; row < rows; row++)
                written[row] = read[row * columns + column];
            stream.Write(MemoryMarshal.AsBytes<float>(written));
        }
    }
}
