using System.Diagnostics;
using CompressionHost.Abstractions;

namespace CompressionHost.Engine;

/// <summary>Times whole encoders, from pixels or token ids to embeddings, and weighs a process that runs one.</summary>
public static class EncoderBenchmark
{
    /// <summary>Times one encoder of an opened model. The inputs are made up and the same on every backend; texts have full length.</summary>
    /// <param name="session">The model.</param>
    /// <param name="tower">The encoder.</param>
    /// <param name="batch">Inputs of a call.</param>
    /// <param name="runs">Timed runs; 0 for as many as fit three seconds, at least seven.</param>
    /// <param name="cancellationToken">Ends it between two runs.</param>
    public static Latency Measure(IImageTextSession session, Tower tower, int batch, int runs = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(runs);
        return LatencyMeter.Measure(EncoderCall.For(session, tower, batch).Run, runs, cancellationToken);
    }

    /// <summary>
    /// Opens a model and encodes with one of its encoders: first one input, then a batch where that is more. The figures are of this
    /// process, so they mean something only in one that has done nothing else.
    /// </summary>
    /// <param name="open">Opens the model.</param>
    /// <param name="tower">The encoder.</param>
    /// <param name="batch">Inputs of the batch.</param>
    public static LoadCost WeighLoad(Func<IImageTextSession> open, Tower tower, int batch = 1)
    {
        ArgumentNullException.ThrowIfNull(open);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        var baseline = ProcessMemory.PeakBytes();
        var began = Stopwatch.GetTimestamp();
        using var session = open();
        var load = Stopwatch.GetElapsedTime(began);
        // Making up an input is no part of it.
        var call = EncoderCall.For(session, tower, 1);
        began = Stopwatch.GetTimestamp();
        call.Run();
        load += Stopwatch.GetElapsedTime(began);
        if (batch > 1)
            EncoderCall.For(session, tower, batch).Run();
        return new LoadCost(session.Kernel, load.TotalMilliseconds, ProcessMemory.PeakBytes(), baseline);
    }
}

/// <summary>What opening a model and using one encoder costs a process.</summary>
/// <param name="Kernel">See <see cref="IImageTextSession.Kernel"/>.</param>
/// <param name="LoadMs">From before it is opened to the first embedding, in milliseconds, without what it takes to make up the input.</param>
/// <param name="PeakMemoryBytes">Most resident memory of the process.</param>
/// <param name="BaselineMemoryBytes">Most resident memory before the model was opened.</param>
public sealed record LoadCost(string Kernel, double LoadMs, long PeakMemoryBytes, long BaselineMemoryBytes);
