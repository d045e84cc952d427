using TorchSharp;

namespace CompressionHost.Engine;

/// <summary>Counts weights into bins.</summary>
internal static class WeightHistograms
{
    private const int Bins = 41;

    /// <summary>Histogram over four standard deviations each way.</summary>
    public static Histogram Of(torch.Tensor weight)
    {
        using var dense = weight.detach().contiguous();
        var values = dense.data<float>().ToArray();
        var squares = 0.0;
        foreach (var v in values)
            squares += (double)v * v;
        var reach = Math.Max(1e-12, 4 * Math.Sqrt(squares / values.Length));
        return Of(values, -reach, reach);
    }

    /// <summary>Histogram over a given range; values beyond it are in the end bins.</summary>
    public static Histogram Of(ReadOnlySpan<float> values, double min, double max)
    {
        var counts = new long[Bins];
        var scale = Bins / (max - min);
        foreach (var v in values)
            counts[Math.Clamp((int)((v - min) * scale), 0, Bins - 1)]++;
        return new Histogram(min, max, counts);
    }
}
