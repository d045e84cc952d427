using System.Runtime.InteropServices;

namespace CompressionHost.Plugins.Onnx;

/// <summary>
/// Weights in 4 bits, symmetric, one scale for 32 consecutive inputs. A block is scaled so that its greatest magnitude is code 7: a ternary block
/// becomes -7, 0 and 7 and loses nothing but the rounding of one division.
/// </summary>
internal sealed class Int4Form(ClipValues values) : IWeightForm
{
    private const int Block = 32;
    private const int Zero = 8;
    private const int MaxCode = 7;

    private static readonly OnnxAttribute Bits = OnnxAttribute.Int("bits", 4);
    private static readonly OnnxAttribute BlockSize = OnnxAttribute.Int("block_size", Block);

    public string Linear(OnnxGraph graph, string node, string input, string weight, string? bias)
    {
        var (rows, columns) = values.Matrix(weight);
        var blocks = Blocks(columns);
        var codes = graph.Initializer(new OnnxInitializer($"{weight}.int4", OnnxType.UInt8, [rows, blocks, Block / 2], stream => WriteCodes(weight, stream)));
        var scales = graph.Initializer(new OnnxInitializer($"{weight}.scale", OnnxType.Float, [rows, blocks], stream => WriteScales(weight, stream)));
        var add = bias is null ? "" : values.Dense(graph, bias);
        return graph.Node(
            $"{node}/MatMul", "MatMulNBits", [input, codes, scales, "", "", add],
            [OnnxAttribute.Int("K", columns), OnnxAttribute.Int("N", rows), Bits, BlockSize, OnnxAttribute.Int("accuracy_level", 4)], OnnxGraph.Microsoft);
    }

    public string Embedding(OnnxGraph graph, string node, string tokens, string table)
    {
        var (rows, columns) = values.Matrix(table);
        if (columns % Block != 0)
            return new Float32Form(values).Embedding(graph, node, tokens, table);
        var codes = graph.Initializer(new OnnxInitializer($"{table}.int4", OnnxType.UInt8, [rows, columns / 2], stream => WriteCodes(table, stream)));
        var scales = graph.Initializer(new OnnxInitializer($"{table}.scale", OnnxType.Float, [rows, columns / Block], stream => WriteScales(table, stream)));
        return graph.Node(
            $"{node}/Gather", "GatherBlockQuantized", [codes, tokens, scales],
            [OnnxAttribute.Int("gather_axis", 0), OnnxAttribute.Int("quantize_axis", 1), Bits, BlockSize], OnnxGraph.Microsoft);
    }

    private void WriteScales(string name, Stream stream)
    {
        var columns = values.Matrix(name).Columns;
        values.ForEachBlock(name, (_, block) =>
        {
            var scales = new List<float>();
            for (var at = 0; at < block.Length; at += columns)
            {
                for (var i = 0; i < columns; i += Block)
                    scales.Add(SymmetricScale.Of(Group(block.Slice(at, columns), i), MaxCode));
            }
            stream.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(scales)));
        });
    }

    private void WriteCodes(string name, Stream stream)
    {
        var columns = values.Matrix(name).Columns;
        var codes = new byte[Blocks(columns) * Block / 2];
        values.ForEachBlock(name, (_, block) =>
        {
            for (var at = 0; at < block.Length; at += columns)
            {
                Quantize(block.Slice(at, columns), codes);
                stream.Write(codes);
            }
        });
    }

    // The first of two values is in the low bits; what fills the last block up is zero.
    private static void Quantize(ReadOnlySpan<float> row, Span<byte> codes)
    {
        codes.Fill(Zero | (Zero << 4));
        for (var start = 0; start < row.Length; start += Block)
        {
            var group = Group(row, start);
            var scale = SymmetricScale.Of(group, MaxCode);
            for (var i = 0; i < group.Length; i++)
            {
                var code = SymmetricScale.Code(group[i], scale, MaxCode) + Zero;
                ref var pair = ref codes[(start + i) / 2];
                pair = (byte)(i % 2 == 0 ? (pair & 0xf0) | code : (pair & 0x0f) | (code << 4));
            }
        }
    }

    private static ReadOnlySpan<float> Group(ReadOnlySpan<float> row, int start) => row.Slice(start, Math.Min(Block, row.Length - start));

    private static int Blocks(int columns) => (columns + Block - 1) / Block;
}
