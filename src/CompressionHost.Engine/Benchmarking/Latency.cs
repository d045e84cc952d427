namespace CompressionHost.Engine;

/// <summary>How long a call took, over many runs.</summary>
/// <param name="MedianMs">Median, in milliseconds.</param>
/// <param name="P10Ms">A tenth of the runs took no longer.</param>
/// <param name="P90Ms">Nine tenths of the runs took no longer.</param>
/// <param name="Runs">Timed runs.</param>
public sealed record Latency(double MedianMs, double P10Ms, double P90Ms, int Runs)
{
    /// <summary>Summarizes timings.</summary>
    /// <param name="milliseconds">One or more, in any order.</param>
    public static Latency Of(IReadOnlyCollection<double> milliseconds) => new(
        Quantiles.Of(milliseconds, 0.5), Quantiles.Of(milliseconds, 0.1), Quantiles.Of(milliseconds, 0.9), milliseconds.Count);
}

/// <summary>Quantiles of samples.</summary>
public static class Quantiles
{
    /// <summary>A quantile, linear between the two nearest ranks (type 7 of Hyndman and Fan, Sample Quantiles in Statistical Packages, 1996).</summary>
    /// <param name="values">One or more, in any order.</param>
    /// <param name="share">From 0, the least, to 1, the greatest.</param>
    /// <exception cref="ArgumentException">There are no values.</exception>
    public static double Of(IEnumerable<double> values, double share)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfLessThan(share, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0)
            throw new ArgumentException("No values, no quantile.", nameof(values));
        var position = share * (sorted.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
