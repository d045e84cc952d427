namespace CompressionHost.Onnx.Tests;

/// <summary>Weights quantized to random codes.</summary>
internal static class RandomCodes
{
    public static QuantizedTensor Of(QuantizationScheme scheme, IReadOnlyList<long> shape, int group, int seed)
    {
        var random = new Random(seed);
        var rows = (int)shape[0];
        var length = (int)(shape.Aggregate(1L, (a, d) => a * d) / rows);
        group = Math.Min(group, length);
        var groups = rows * ((length + group - 1) / group);
        sbyte Code() => (sbyte)(scheme.MinCode + (scheme.Step * random.Next(scheme.Levels)));
        var codes = Enumerable.Range(0, rows * length).Select(_ => Code()).ToArray();
        var scales = Enumerable.Range(0, groups).Select(_ => (Half)((0.5 + random.NextDouble()) / (scheme.MaxCode * Math.Sqrt(length)))).ToArray();
        var zeros = scheme.HasZeroPoints ? Enumerable.Range(0, groups).Select(_ => Code()).ToArray() : null;
        return new QuantizedTensor(scheme, shape, group, codes, scales, zeros);
    }
}
