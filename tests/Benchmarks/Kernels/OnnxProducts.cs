using System.Runtime.InteropServices;

namespace CompressionHost.Benchmarks;

/// <summary>The same product as ONNX Runtime offers it: float32, int8 with activations quantized on the way, and int4 in blocks.</summary>
internal static class OnnxProducts
{
    private const string Contrib = "com.microsoft";
    private const int DefaultInt4Zero = 8;

    public static IEnumerable<Contender> All(ProductShape shape, int threads)
    {
        yield return new OnnxContender("ONNX Runtime MatMul, float32", shape, threads, Float32(shape));
        yield return new OnnxContender("ONNX Runtime dynamic int8, signed weights", shape, threads, DynamicInt8(shape));
        foreach (var block in new[] { 32, 128 })
        {
            if (shape.Columns % block == 0)
                yield return new OnnxContender($"ONNX Runtime MatMulNBits int4, block {block}", shape, threads, Int4(shape, block));
        }
    }

    private static OnnxProduct Float32(ProductShape shape)
    {
        var random = new Random(2);
        var w = new float[shape.Columns * shape.Rows];
        foreach (ref var value in w.AsSpan())
            value = random.NextSingle() - 0.5f;
        var model = OnnxModelBytes.Model("MatMul", "", new Dictionary<string, long>(),
            [("w", OnnxModelBytes.Float, [shape.Columns, shape.Rows], MemoryMarshal.AsBytes<float>(w).ToArray())], [shape.Tokens, shape.Columns], [shape.Tokens, shape.Rows]);
        return new OnnxProduct(model, (row, column) => w[column * shape.Rows + row]);
    }

    // One scale a row, zero point 0: what onnxruntime.quantization writes for symmetric int8 weights. Seven bits of the eight (its `reduce_range`), because without
    // VNNI instructions ONNX Runtime adds pairs of products with saturation and larger weights give wrong sums. They take as long.
    private static OnnxProduct DynamicInt8(ProductShape shape)
    {
        const float scale = 0.004f;
        var random = new Random(3);
        var w = new byte[shape.Columns * shape.Rows];
        foreach (ref var value in w.AsSpan())
            value = (byte)random.Next(-64, 64);
        var scales = new float[shape.Rows];
        Array.Fill(scales, scale);
        var model = OnnxModelBytes.Model("DynamicQuantizeMatMul", Contrib, new Dictionary<string, long>(),
            [
                ("w", OnnxModelBytes.Int8, [shape.Columns, shape.Rows], w),
                ("scales", OnnxModelBytes.Float, [shape.Rows], MemoryMarshal.AsBytes<float>(scales).ToArray()),
                ("zeros", OnnxModelBytes.Int8, [shape.Rows], new byte[shape.Rows]),
            ], [shape.Tokens, shape.Columns], [shape.Tokens, shape.Rows]);
        return new OnnxProduct(model, (row, column) => scale * (sbyte)w[column * shape.Rows + row]);
    }

    // Accuracy level 4: activations as int8, the fastest there is.
    private static OnnxProduct Int4(ProductShape shape, int block)
    {
        const float scale = 0.06f;
        var random = new Random(4);
        var blocks = shape.Columns / block;
        var w = new byte[shape.Rows * shape.Columns / 2];
        random.NextBytes(w);
        var scales = new float[shape.Rows * blocks];
        Array.Fill(scales, scale);
        var attributes = new Dictionary<string, long> { ["K"] = shape.Columns, ["N"] = shape.Rows, ["bits"] = 4, ["block_size"] = block, ["accuracy_level"] = 4 };
        var model = OnnxModelBytes.Model("MatMulNBits", Contrib, attributes,
            [
                ("w", OnnxModelBytes.UInt8, [shape.Rows, blocks, block / 2], w),
                ("scales", OnnxModelBytes.Float, [shape.Rows * blocks], MemoryMarshal.AsBytes<float>(scales).ToArray()),
            ], [shape.Tokens, shape.Columns], [shape.Tokens, shape.Rows]);
        return new OnnxProduct(model, (row, column) =>
        {
            var index = row * shape.Columns + column;
            return scale * (((w[index / 2] >> (4 * (index % 2))) & 15) - DefaultInt4Zero);
        });
    }
}
