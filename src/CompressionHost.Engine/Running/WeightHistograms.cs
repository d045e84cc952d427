using System.Runtime.InteropServices;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Engine;

/// <summary>Counts weights into bins, from where they are: a copy of a large model's weights would be gigabytes of garbage.</summary>
internal static class WeightHistograms
{
    private const int Bins = 41;

    // Values that are dequantized at once.
    private const int BlockValues = 1 << 16;

    /// <summary>Histogram over four standard deviations each way.</summary>
    public static Histogram Of(torch.Tensor weight)
    {
        using var dense = weight.detach().contiguous();
        var values = MemoryMarshal.Cast<byte, float>(dense.bytes);
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
        ForBlocks(tensor, values => Count(values, min, max, counts));
        return new Histogram(min, max, counts);
    }

    private static void ForBlocks(CompressedTensor tensor, Action<ReadOnlySpan<float>> body)
    {
        if (tensor.Dense is { } dense)
        {
            var widened = new float[Math.Min(dense.Length, BlockValues)];
            for (var start = 0; start < dense.Length; start += widened.Length)
            {
                var block = widened.AsSpan(0, Math.Min(widened.Length, dense.Length - start));
                HalfFloats.Widen(dense.AsSpan(start, block.Length), block);
                body(block);
            }
            return;
        }
        var quantized = tensor.Quantized!;
        var rows = Math.Clamp(BlockValues / quantized.RowLength, 1, quantized.Rows);
        var values = new float[rows * quantized.RowLength];
        for (var row = 0; row < quantized.Rows; row += rows)
        {
            var block = Math.Min(rows, quantized.Rows - row);
            quantized.DequantizeRows(row, block, values);
            body(values.AsSpan(0, block * quantized.RowLength));
        }
    }

    private static void Count(ReadOnlySpan<float> values, double min, double max, long[] counts)
    {
        var scale = Bins / (max - min);
        foreach (var v in values)
            counts[Math.Clamp((int)((v - min) * scale), 0, Bins - 1)]++;
    }
}
