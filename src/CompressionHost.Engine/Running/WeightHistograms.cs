using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Engine;

/// <summary>Counts weights into bins.</summary>
internal static class WeightHistograms
{
    private const int Bins = 41;

    /// <summary>Histogram over four standard deviations each way.</summary>
    public static Histogram Of(torch.Tensor weight)
    {
        using var detached = weight.detach();
        using var dense = detached.contiguous();
        var values = WeightValues.Of(dense);
        var squares = 0.0;
        foreach (var v in values)
            squares += (double)v * v;
        var reach = Math.Max(1e-12, 4 * Math.Sqrt(squares / values.Length));
        var counts = new long[Bins];
        Count(values, -reach, reach, counts);
        return new Histogram(-reach, reach, counts);
    }

    /// <summary>Histogram over a given range; values beyond it are in the end bins.</summary>
    public static Histogram Of(CompressedTensor tensor, double min, double max)
    {
        var counts = new long[Bins];
        if (tensor.Dense is { } dense)
        {
            var buffer = new float[Math.Min(dense.Length, WeightValues.BlockValues)];
            for (var start = 0; start < dense.Length; start += buffer.Length)
            {
                var values = buffer.AsSpan(0, Math.Min(buffer.Length, dense.Length - start));
                HalfFloats.Widen(dense.AsSpan(start, values.Length), values);
                Count(values, min, max, counts);
            }
        }
        else
        {
            var quantized = tensor.Quantized!;
            var buffer = WeightValues.Buffer(quantized);
            foreach (var (first, rows) in WeightValues.Blocks(quantized))
            {
                quantized.DequantizeRows(first, rows, buffer);
                Count(buffer.AsSpan(0, rows * quantized.RowLength), min, max, counts);
            }
        }
        return new Histogram(min, max, counts);
    }

    private static void Count(ReadOnlySpan<float> values, double min, double max, long[] counts)
    {
        var scale = Bins / (max - min);
        foreach (var v in values)
            counts[Math.Clamp((int)((v - min) * scale), 0, Bins - 1)]++;
    }
}
