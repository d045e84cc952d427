using System.Runtime.InteropServices;

namespace CompressionHost.Onnx.Tests;

/// <summary>
/// A graph with every kind of weight: a table, products in both orientations and through a transposition, a convolution, a weight used twice, and constants that are no
/// weights. Inputs: ids int64 [batch, 6], pixels float32 [batch, 3, 8, 8]; outputs: logits float32 [batch * 6, 16], features float32 [batch, 32, 2, 2].
/// </summary>
internal static class TinyGraph
{
    public const string Table = "table";
    public const string Up = "up";
    public const string Down = "down";
    public const string Head = "head";
    public const string Tied = "tied";
    public const string Filter = "filter";

    /// <summary>The weights that may be quantized, with the shapes of their sites: rows first.</summary>
    public static readonly IReadOnlyDictionary<string, long[]> Sites = new Dictionary<string, long[]>
    {
        [Table] = [40, 32],
        [Up] = [64, 32],
        [Down] = [32, 64],
        [Head] = [32, 32],
        [Tied] = [16, 32],
        [Filter] = [32, 3, 4, 4],
    };

    public static OnnxModel Model(int seed = 1)
    {
        var random = new Random(seed);
        var graph = new OnnxGraph("tiny");
        var ids = graph.Input(new OnnxValue("ids", OnnxType.Int64, "batch", 6));
        var pixels = graph.Input(new OnnxValue("pixels", OnnxType.Float, "batch", 3, 8, 8));
        string Weight(string name, params long[] shape) => graph.Initializer(Floats(name, random, shape));
        var rows = graph.Node("gather", "Gather", [Weight(Table, 40, 32), ids]);
        var up = graph.Node("up/MatMul", "MatMul", [rows, Weight(Up, 32, 64)]);
        var relu = graph.Node("relu", "Relu", [graph.Node("up/Add", "Add", [up, Weight("up.bias", 64)])]);
        // [outputs, inputs], turned before it is used.
        var turned = graph.Node("down/Transpose", "Transpose", [Weight(Down, 32, 64)], [OnnxAttribute.Ints("perm", 1, 0)]);
        var down = graph.Node("down/MatMul", "MatMul", [relu, turned]);
        var flat = graph.Node("flat", "Reshape", [down, graph.Constant("rows_of_32", -1, 32)]);
        var head = graph.Node("head/Gemm", "Gemm", [flat, Weight(Head, 32, 32), Weight("head.bias", 32)]);
        var tied = Weight(Tied, 16, 32);
        var first = graph.Node("tied/1", "Gemm", [head, tied], [OnnxAttribute.Int("transB", 1)]);
        var second = graph.Node("tied/2", "Gemm", [flat, tied], [OnnxAttribute.Int("transB", 1)]);
        graph.Node("logits", "Add", [first, second]);
        var features = graph.Node("conv", "Conv", [pixels, Weight(Filter, 32, 3, 4, 4), Weight("filter.bias", 32)], [OnnxAttribute.Ints("strides", 4, 4)]);
        var epsilons = graph.Initializer(new OnnxInitializer("epsilons", OnnxType.Float, [2, 16], s => s.Write(MemoryMarshal.AsBytes<float>(Enumerable.Repeat(1e-12f, 32).ToArray()))));
        var shape = graph.Constant("epsilons.shape", 1, 32, 1, 1);
        graph.Node("features", "Add", [features, graph.Node("epsilons/Reshape", "Reshape", [epsilons, shape])]);
        graph.Output(new OnnxValue("logits", OnnxType.Float, "rows", 16));
        graph.Output(new OnnxValue("features", OnnxType.Float, "batch", 32, 2, 2));
        return new OnnxModel(graph, []);
    }

    /// <summary>Writes it; values go to a file beside it where that is asked for.</summary>
    public static string Write(string folder, bool external = false)
    {
        var path = Path.Combine(folder, "tiny.onnx");
        Model().Write(path, external ? 0 : OnnxModelWriter.MostBytesInside);
        return path;
    }

    private static OnnxInitializer Floats(string name, Random random, long[] shape)
    {
        var size = 1 / Math.Sqrt(shape.Skip(1).DefaultIfEmpty(4).Aggregate(1L, (a, d) => a * d));
        var values = new float[shape.Aggregate(1L, (a, d) => a * d)];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)((random.NextDouble() - 0.5) * 3 * size);
        return new OnnxInitializer(name, OnnxType.Float, shape, stream => stream.Write(MemoryMarshal.AsBytes<float>(values)));
    }
}
