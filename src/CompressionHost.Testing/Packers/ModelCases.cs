using System.Text;
using CompressionHost.Tensors;

namespace CompressionHost.Testing;

/// <summary>Compressed models with the shapes and values that packers get wrong.</summary>
internal static class ModelCases
{
    private static readonly (long[] Shape, int Group)[] Shapes =
    [
        ([1, 1], 1), ([1, 5], 5), ([3, 255], 255), ([2, 256], 256), ([2, 257], 256), ([4, 768], 256), ([7, 33], 8), ([8, 3, 4, 4], 48), ([5, 3, 16, 16], 256),
    ];

    internal static IEnumerable<(string Name, CompressedModel Model)> Of(QuantizationScheme scheme, int seed)
    {
        foreach (var (shape, group) in Shapes)
            yield return ($"[{string.Join(", ", shape)}] in groups of {group}", Model([Quantized("weight", scheme, shape, group, new Random(seed))]));

        var random = new Random(seed);
        yield return ("every shape beside dense tensors", Model(
        [
            .. Shapes.Select((s, i) => Quantized($"layers.{i}.weight", scheme, s.Shape, s.Group, random)),
            new CompressedTensor("scalar", [], [(Half)2.6592f]),
            new CompressedTensor("bias", [3], [Half.MaxValue, Half.Epsilon, Half.NegativeZero]),
            new CompressedTensor("table", [3, 7], [.. Enumerable.Range(0, 21).Select(_ => (Half)(random.NextDouble() - 0.5))]),
        ]));
        yield return ("extreme codes and scales of zero", Model(
        [
            Constant("least", scheme, scheme.MinCode, Half.MaxValue), Constant("greatest", scheme, scheme.MaxCode, Half.Epsilon),
            Constant("nothing", scheme, scheme.Step == 1 ? Math.Max(scheme.MinCode, (sbyte)0) : scheme.MaxCode, Half.Zero),
        ]));
    }

    /// <summary>One model in which every scheme has every shape.</summary>
    internal static CompressedModel Mixed(IReadOnlyList<QuantizationScheme> schemes, int seed)
    {
        var random = new Random(seed);
        return Model(
        [
            .. Shapes.SelectMany((s, i) => schemes.Select((scheme, j) => Quantized($"layers.{i}.{j}.weight", scheme, s.Shape, s.Group, random))),
            new CompressedTensor("bias", [3], [Half.One, Half.Zero, Half.NegativeOne]),
        ]);
    }

    private static CompressedModel Model(IReadOnlyList<CompressedTensor> tensors) => new("conformance", tensors, new Dictionary<string, byte[]>
    {
        ["config.json"] = Encoding.UTF8.GetBytes("""{"model_type":"conformance"}"""),
    });

    private static CompressedTensor Quantized(string name, QuantizationScheme scheme, long[] shape, int group, Random random)
    {
        var count = shape.Aggregate(1L, (a, d) => a * d);
        var rowLength = count / shape[0];
        var codes = Codes(scheme, count, random);
        var scales = new Half[shape[0] * ((rowLength + group - 1) / group)];
        for (var i = 0; i < scales.Length; i++)
            scales[i] = (Half)(0.01 + random.NextDouble());
        return new CompressedTensor(name, new QuantizedTensor(scheme, shape, group, codes, scales, scheme.HasZeroPoints ? Codes(scheme, scales.Length, random) : null));
    }

    private static sbyte[] Codes(QuantizationScheme scheme, long count, Random random)
    {
        var codes = new sbyte[count];
        for (var i = 0; i < codes.Length; i++)
            codes[i] = (sbyte)(scheme.MinCode + (random.Next(scheme.Levels) * scheme.Step));
        return codes;
    }

    private static CompressedTensor Constant(string name, QuantizationScheme scheme, sbyte code, Half scale)
    {
        var codes = new sbyte[2 * 300];
        Array.Fill(codes, code);
        return new CompressedTensor(name, new QuantizedTensor(
            scheme, [2, 300], 300, codes, [scale, scale], scheme.HasZeroPoints ? [scheme.MinCode, scheme.MaxCode] : null));
    }
}
