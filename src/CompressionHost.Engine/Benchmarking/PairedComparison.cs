using CompressionHost.Abstractions;

namespace CompressionHost.Engine;

/// <summary>
/// Times several opened models in turn, round after round in one process, so that whatever slows the machine down slows all of them. Each
/// round gives every contender's time as a ratio to the first one's in that round.
/// </summary>
public static class PairedComparison
{
    // Threads of a library may spin for a while after their last call; the next contender's first call must not share the cores with them.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(30);

    // A turn of a fast encoder times several calls and takes their median.
    private const double TurnMs = 60;
    private const int MostCallsOfATurn = 15;

    /// <summary>Times one encoder of every contender.</summary>
    /// <param name="sessions">The opened models; ratios are to the first.</param>
    /// <param name="tower">The encoder.</param>
    /// <param name="batch">Inputs of a call.</param>
    /// <param name="rounds">Rounds; each begins with another contender.</param>
    /// <param name="cancellationToken">Ends it between two turns.</param>
    /// <returns>One result a contender, in their order.</returns>
    public static IReadOnlyList<PairedLatency> Measure(
        IReadOnlyList<IImageTextSession> sessions, Tower tower, int batch, int rounds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sessions);
        ArgumentOutOfRangeException.ThrowIfLessThan(sessions.Count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        var calls = sessions.Select(s => EncoderCall.For(s, tower, batch)).ToArray();
        foreach (var call in calls)
            LatencyMeter.Warm(call.Run, cancellationToken);
        var times = calls.Select(_ => new double[rounds]).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var turn = 0; turn < calls.Length; turn++)
            {
                var contender = (round + turn) % calls.Length;
                cancellationToken.WaitHandle.WaitOne(Pause);
                cancellationToken.ThrowIfCancellationRequested();
                times[contender][round] = Turn(calls[contender].Run);
            }
        }
        return [.. times.Select((t, c) => new PairedLatency(Latency.Of(t), [.. t.Select((ms, round) => ms / times[0][round])], calls[c].LeastCosine(calls[0])))];
    }

    private static double Turn(Action call)
    {
        // The first call finds the caches as the contender before it left them.
        var calls = Math.Clamp((int)(TurnMs / LatencyMeter.Time(call)), 1, MostCallsOfATurn);
        return Quantiles.Of(Enumerable.Range(0, calls).Select(_ => LatencyMeter.Time(call)).ToArray(), 0.5);
    }
}

/// <summary>A contender's times and how they compare.</summary>
/// <param name="Latency">Over the rounds; a run is a round.</param>
/// <param name="Ratios">Its time over the first contender's, round by round: above 1 where it is slower.</param>
/// <param name="Cosine">Least cosine similarity of its embeddings with the first contender's of the same inputs: whether both compute the same.</param>
public sealed record PairedLatency(Latency Latency, IReadOnlyList<double> Ratios, double Cosine)
{
    /// <summary>Median of the rounds' ratios.</summary>
    public double Ratio => Quantiles.Of(Ratios, 0.5);
}
