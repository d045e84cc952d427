using System.Diagnostics;

namespace CompressionHost.Engine;

/// <summary>Times a call: first until the runtime has compiled it for good and caches are warm, then often enough for quantiles.</summary>
internal static class LatencyMeter
{
    /// <summary>Fewest runs that are timed, however long each takes.</summary>
    public const int FewestRuns = 7;

    private const int MostRuns = 1000;
    private const int FewestWarmUps = 2;

    // Code is compiled again, optimized, after 30 calls and a tenth of a second of quiet; a call of an encoder makes many.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(0.6);
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(3);

    /// <summary>Warms up and times.</summary>
    /// <param name="call">What is timed.</param>
    /// <param name="runs">Timed runs; 0 for as many as fit three seconds, at least <see cref="FewestRuns"/>.</param>
    /// <param name="cancellationToken">Ends it between two runs.</param>
    public static Latency Measure(Action call, int runs, CancellationToken cancellationToken)
    {
        Warm(call, cancellationToken);
        var times = new List<double>();
        var began = Stopwatch.GetTimestamp();
        bool More() => runs > 0
            ? times.Count < runs
            : times.Count < FewestRuns || (times.Count < MostRuns && Stopwatch.GetElapsedTime(began) < Budget);
        while (More())
        {
            cancellationToken.ThrowIfCancellationRequested();
            times.Add(Time(call));
        }
        return Latency.Of(times);
    }

    /// <summary>Calls until it is worth timing.</summary>
    public static void Warm(Action call, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        for (var calls = 0; calls < FewestWarmUps || Stopwatch.GetElapsedTime(began) < WarmUp; calls++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            call();
        }
    }

    /// <summary>Milliseconds of one call.</summary>
    public static double Time(Action call)
    {
        var start = Stopwatch.GetTimestamp();
        call();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
