using System.Runtime.InteropServices;
using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Onnx;

/// <summary>The ways in which codes and scales are held in a graph, and what computes with them.</summary>
internal sealed class CodeForms(WeightScan scan, GraphEdit edit, OnnxActivations activations)
{
    // The operators compute in float32 below this level; with it, inputs become 8-bit integers.
    private const int IntegerLevel = 4;
    private const int ExactLevel = 1;

    private readonly bool _standardDequantize = scan.File.OperatorSet("") >= 13;

    /// <summary>
    /// Codes in 2, 4 or 8 bits: products become <c>MatMulNBits</c>; tables and everything else are looked up by <c>GatherBlockQuantized</c>, whole if need be,
    /// which ONNX Runtime does once when it loads the model.
    /// </summary>
    /// <returns>Null where the groups are no blocks that these operators know.</returns>
    public OnnxStoredWeight? Blocks(PackedWeight weight)
    {
        if (OnnxBlockLayout.Of(weight.Scheme!, weight.Rows, weight.RowLength, weight.Group) is not { } layout || weight.Weight.Tensor.Type != OnnxElementType.Float)
            return null;
        var uses = weight.Weight.Uses;
        if (IsProductOnly(weight))
            return Products(weight, layout);
        // Two bits are known to products only.
        var wide = layout.Bits == 2 ? layout with { Bits = 4 } : layout;
        if (!wide.IsWhole)
            return null;
        return uses.All(u => u.Kind == WeightKind.Embedding) && weight.Weight.Transposes.Count == 0 ? Tables(weight, wide) : Values(weight, wide);
    }

    /// <summary>int8 codes and <c>DequantizeLinear</c> with a scale a group: operators of ONNX alone, where the model's operator set has them.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="besideProducts">Whether the graph has products of bytes too: the way of ONNX Runtime that does not saturate (<see cref="ByteProducts"/>) then
    /// rewrites this operator as well, and rightly only where it has zero points of its own.</param>
    /// <returns>Null where a row is no whole number of groups.</returns>
    public OnnxStoredWeight? Dequantized(PackedWeight weight, bool besideProducts = false)
    {
        if (weight.RowLength % weight.Group != 0 || weight.Weight.Tensor.Type != OnnxElementType.Float)
            return null;
        var (name, groups) = (weight.Name, weight.Rows * weight.GroupsPerRow);
        var codes = edit.Add(new OnnxInitializer($"{name}.codes", OnnxType.Int8, [groups, weight.Group], s => ValueWriter.Codes(weight.Quantized.Codes, s)));
        var scales = Scales(weight, [groups], s => ValueWriter.Scales(weight.Quantized.Scales, s));
        var inputs = new List<string> { codes, scales };
        var zeros = besideProducts || weight.Scheme!.HasZeroPoints;
        if (zeros)
            inputs.Add(edit.Add(new OnnxInitializer($"{name}.zeros", OnnxType.Int8, [groups], s => ValueWriter.Codes(weight.Scheme!.HasZeroPoints ? weight.Quantized.ZeroPoints : new sbyte[groups], s))));
        edit.AddFirst(edit.Node(
            $"{name}/DequantizeLinear", "DequantizeLinear", [.. inputs], $"{name}.groups", [OnnxAttribute.Int("axis", 0)], _standardDequantize ? "" : GraphEdit.Microsoft));
        Shaped(weight, $"{name}.groups");
        return Describe.Coded(weight, OnnxStoredWeight.Bytewise, 8, weight.Group, weight.Weight.Tensor.Count, groups, zeros ? groups : 0);
    }

    /// <summary>int8 with one scale an output; inputs are quantized to 8 bits as they come.</summary>
    /// <returns>Null where it is no product alone.</returns>
    public OnnxStoredWeight? Dynamic(PackedWeight weight)
    {
        if (weight.Weight.Tensor.Type != OnnxElementType.Float || !IsProductOnly(weight))
            return null;
        var name = weight.Name;
        var rows = new Lazy<RowCodes>(() => RowCodes.Of(weight));
        var scales = edit.Add(new OnnxInitializer($"{name}.scale", OnnxType.Float, [weight.Rows], s => ValueWriter.Floats(rows.Value.Scales, s)));
        var uses = 0;
        foreach (var use in weight.Weight.Uses)
        {
            // Codes of its own for each product: the way of ONNX Runtime that does not saturate (ByteProducts) fails where two share them.
            var codes = edit.Add(new OnnxInitializer(uses++ == 0 ? $"{name}.int8" : $"{name}.{uses}.int8", OnnxType.Int8, [weight.RowLength, weight.Rows], s => ValueWriter.Codes(rows.Value.Codes, s)));
            Replace(use.Node, (input, node, bias, output) => edit.Node(node, "DynamicQuantizeMatMul", [input, codes, scales, "", bias], output, null, GraphEdit.Microsoft));
        }
        RemoveTransposes(weight);
        return Describe.Dense(weight, "int8-dynamic", (uses * weight.Weight.Tensor.Count) + (weight.Rows * sizeof(float)));
    }

    private static bool IsProductOnly(PackedWeight weight) =>
        weight.Weight.Uses.All(u => u is { Kind: WeightKind.Linear, IsProduct: true } && u.RowsAreColumns == weight.Weight.IsTransposed);

    private OnnxStoredWeight Products(PackedWeight weight, OnnxBlockLayout layout)
    {
        var name = weight.Name;
        var codes = edit.Add(new OnnxInitializer(
            $"{name}.codes", OnnxType.UInt8, [layout.Rows, layout.Blocks, layout.Block * layout.Bits / 8], s => layout.WriteCodes(weight.Quantized, s)));
        var scales = Scales(weight, [layout.Rows, layout.Blocks], s => layout.WriteScales(weight.Quantized, s));
        var zeros = Zeros(weight, layout);
        OnnxAttribute[] attributes =
        [
            OnnxAttribute.Int("K", layout.RowLength), OnnxAttribute.Int("N", layout.Rows), OnnxAttribute.Int("bits", layout.Bits),
            OnnxAttribute.Int("block_size", layout.Block), OnnxAttribute.Int("accuracy_level", activations == OnnxActivations.Int8 ? IntegerLevel : ExactLevel),
        ];
        foreach (var use in weight.Weight.Uses)
            Replace(use.Node, (input, node, bias, output) => edit.Node(node, "MatMulNBits", [input, codes, scales, zeros, "", bias], output, attributes, GraphEdit.Microsoft));
        RemoveTransposes(weight);
        return Describe.Coded(weight, OnnxStoredWeight.Blocks, layout.Bits, layout.Block, (long)layout.Rows * layout.RowBytes, (long)layout.Rows * layout.Blocks, ZeroBytes(weight, layout));
    }

    private OnnxStoredWeight Tables(PackedWeight weight, OnnxBlockLayout layout)
    {
        var inputs = Table(weight, layout);
        foreach (var use in weight.Weight.Uses)
        {
            var node = scan.Nodes[use.Node];
            edit.ReplaceNode(use.Node, Look(node.Name.Length > 0 ? node.Name : node.Outputs[0], inputs, node.Inputs[1], node.Outputs[0], layout));
        }
        return Stored(weight, layout);
    }

    private OnnxStoredWeight Values(PackedWeight weight, OnnxBlockLayout layout)
    {
        var name = weight.Name;
        var all = edit.Add(new OnnxInitializer($"{name}.rows", OnnxType.Int64, [weight.Rows], stream =>
        {
            var rows = Enumerable.Range(0, weight.Rows).Select(r => (long)r).ToArray();
            stream.Write(MemoryMarshal.AsBytes<long>(rows));
        }));
        edit.AddFirst(Look($"{name}/GatherBlockQuantized", Table(weight, layout), all, $"{name}.matrix", layout));
        Shaped(weight, $"{name}.matrix");
        return Stored(weight, layout);
    }

    private (string Codes, string Scales, string Zeros) Table(PackedWeight weight, OnnxBlockLayout layout) =>
    (
        edit.Add(new OnnxInitializer($"{weight.Name}.codes", OnnxType.UInt8, [layout.Rows, layout.RowBytes], s => layout.WriteCodes(weight.Quantized, s))),
        Scales(weight, [layout.Rows, layout.Blocks], s => layout.WriteScales(weight.Quantized, s)),
        Zeros(weight, layout));

    private ProtobufMessage Look(string node, (string Codes, string Scales, string Zeros) table, string indices, string output, OnnxBlockLayout layout) => edit.Node(
        node, "GatherBlockQuantized", table.Zeros.Length == 0 ? [table.Codes, indices, table.Scales] : [table.Codes, indices, table.Scales, table.Zeros], output,
        [
            OnnxAttribute.Int("gather_axis", 0), OnnxAttribute.Int("quantize_axis", 1), OnnxAttribute.Int("block_size", layout.Block), OnnxAttribute.Int("bits", layout.Bits),
        ], GraphEdit.Microsoft);

    private static OnnxStoredWeight Stored(PackedWeight weight, OnnxBlockLayout layout) => Describe.Coded(
        weight, OnnxStoredWeight.Blocks, layout.Bits, layout.Block, (long)layout.Rows * layout.RowBytes, (long)layout.Rows * layout.Blocks, ZeroBytes(weight, layout));

    // Kept in float16, as they are; ONNX Runtime makes them float32 once, when it loads the model.
    private string Scales(PackedWeight weight, long[] shape, Action<Stream> write)
    {
        var halves = edit.Add(new OnnxInitializer($"{weight.Name}.scales", OnnxType.Float16, shape, write));
        edit.AddFirst(edit.Node($"{weight.Name}.scales/Cast", "Cast", [halves], $"{weight.Name}.scales.float32", [OnnxAttribute.Int("to", (int)OnnxType.Float)]));
        return $"{weight.Name}.scales.float32";
    }

    private string Zeros(PackedWeight weight, OnnxBlockLayout layout) => weight.Scheme!.HasZeroPoints
        ? edit.Add(new OnnxInitializer($"{weight.Name}.zeros", OnnxType.UInt8, [layout.Rows, layout.ZeroBytes], s => layout.WriteZeros(weight.Quantized, s)))
        : "";

    private static long ZeroBytes(PackedWeight weight, OnnxBlockLayout layout) => weight.Scheme!.HasZeroPoints ? (long)layout.Rows * layout.ZeroBytes : 0;

    /// <summary>Gives rows the shape and name under which the rest of the graph reads the weight.</summary>
    private void Shaped(PackedWeight weight, string rows)
    {
        var name = weight.Name;
        var shape = edit.Add($"{name}.shape", [.. weight.Weight.Shape]);
        edit.AddFirst(edit.Node($"{name}/Reshape", "Reshape", [rows, shape], weight.Weight.IsTransposed ? $"{name}.turned" : name));
        if (weight.Weight.IsTransposed)
            edit.AddFirst(edit.Node($"{name}/Transpose", "Transpose", [$"{name}.turned"], name, [OnnxAttribute.Ints("perm", 1, 0)]));
    }

    /// <summary>Puts another product where one was.</summary>
    private void Replace(int index, Func<string, string, string, string, ProtobufMessage> product)
    {
        var node = scan.Nodes[index];
        var (inputs, output) = (node.Inputs, node.Outputs[0]);
        var name = node.Name.Length > 0 ? node.Name : output;
        var added = inputs.Count > 2 ? inputs[2] : "";
        if (added.Length == 0 || scan.Find(added)?.Tensor.Shape is [_])
        {
            edit.ReplaceNode(index, product(inputs[0], name, added, output));
            return;
        }
        edit.ReplaceNode(index, product(inputs[0], name, "", $"{output}.product"), edit.Node($"{name}/Add", "Add", [$"{output}.product", added], output));
    }

    private void RemoveTransposes(PackedWeight weight)
    {
        foreach (var node in weight.Weight.Transposes)
            edit.RemoveNode(node);
    }
}
