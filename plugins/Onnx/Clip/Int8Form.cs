using System.Runtime.InteropServices;

namespace CompressionHost.Plugins.Onnx;

/// <summary>
/// Weights in int8, symmetric, one scale an output; inputs are quantized when they come, to uint8 with one scale and zero point a tensor.
/// The weights are signed: ONNX Runtime's product of unsigned and signed bytes is the one that uses the processor's dot product.
/// </summary>
internal sealed class Int8Form(ClipValues values) : IWeightForm
{
    private const int MaxCode = 127;

    public string Linear(OnnxGraph graph, string node, string input, string weight, string? bias)
    {
        var (rows, columns) = values.Matrix(weight);
        var codes = graph.Initializer(new OnnxInitializer($"{weight}.int8", OnnxType.Int8, [columns, rows], stream => WriteTransposedCodes(weight, stream)));
        var scales = Scales(graph, weight, [rows]);
        var add = bias is null ? "" : values.Dense(graph, bias);
        return graph.Node($"{node}/MatMul", "DynamicQuantizeMatMul", [input, codes, scales, "", add], domain: OnnxGraph.Microsoft);
    }

    public string Embedding(OnnxGraph graph, string node, string tokens, string table)
    {
        var (rows, columns) = values.Matrix(table);
        var codes = graph.Initializer(new OnnxInitializer($"{table}.int8", OnnxType.Int8, [rows, columns], stream => WriteCodes(table, stream)));
        var scales = Scales(graph, table, [rows, 1]);
        var row = graph.Node($"{node}/Codes", "Gather", [codes, tokens]);
        var cast = graph.Node($"{node}/Cast", "Cast", [row], [OnnxAttribute.Int("to", (int)OnnxType.Float)]);
        return graph.Node($"{node}/Mul", "Mul", [cast, graph.Node($"{node}/Scale", "Gather", [scales, tokens])]);
    }

    private string Scales(OnnxGraph graph, string weight, long[] shape) => graph.Initializer(new OnnxInitializer($"{weight}.scale", OnnxType.Float, shape, stream =>
    {
        var columns = values.Matrix(weight).Columns;
        values.ForEachBlock(weight, (_, block) =>
        {
            var scales = new float[block.Length / columns];
            for (var row = 0; row < scales.Length; row++)
                scales[row] = SymmetricScale.Of(block.Slice(row * columns, columns), MaxCode);
            stream.Write(MemoryMarshal.AsBytes<float>(scales));
        });
    }));

    private void WriteCodes(string name, Stream stream)
    {
        var columns = values.Matrix(name).Columns;
        var codes = new sbyte[columns];
        values.ForEachBlock(name, (_, block) =>
        {
            for (var at = 0; at < block.Length; at += columns)
            {
                Quantize(block.Slice(at, columns), codes, 1);
                stream.Write(MemoryMarshal.AsBytes<sbyte>(codes));
            }
        });
    }

    private void WriteTransposedCodes(string name, Stream stream)
    {
        var (rows, columns) = values.Matrix(name);
        var codes = new sbyte[rows * columns];
        values.ForEachBlock(name, (first, block) =>
        {
            for (var row = 0; row < block.Length / columns; row++)
                Quantize(block.Slice(row * columns, columns), codes.AsSpan(first + row), rows);
        });
        stream.Write(MemoryMarshal.AsBytes<sbyte>(codes));
    }

    private static void Quantize(ReadOnlySpan<float> row, Span<sbyte> codes, int stride)
    {
        var scale = SymmetricScale.Of(row, MaxCode);
        for (var i = 0; i < row.Length; i++)
            codes[i * stride] = (sbyte)SymmetricScale.Code(row[i], scale, MaxCode);
    }
}
