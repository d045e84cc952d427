using CompressionHost.Engine;
using CompressionHost.Recipes;

namespace CompressionHost.Cli;

/// <summary>Measures one backend.</summary>
internal static class Bench
{
    /// <summary>A row for each thread count, batch size and encoder, in this order.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="request">What to measure.</param>
    /// <param name="backend">The backend.</param>
    /// <param name="backendText">The backend as a command line has it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static IReadOnlyList<BenchRow> Run(
        EngineHost engine, BenchRequest request, StageUse backend, string backendText, CancellationToken cancellationToken)
    {
        var rows = new List<BenchRow>();
        foreach (var threads in request.Threads)
        {
            var measured = Latencies(engine, request, backend, threads, cancellationToken);
            // Only now that the model is closed and its threads are gone.
            foreach (var (batch, tower, kernel, latency) in measured)
            {
                BenchNotes.Say($"{BenchNotes.Of(tower, batch, threads)}: load time and memory");
                var cost = ProbeProcess.Measure(request.Model, backendText, tower, batch, threads, request.Plugins, cancellationToken);
                rows.Add(new BenchRow(backend.Stage.Name, kernel, threads, batch, tower, latency, cost));
            }
        }
        return rows;
    }

    private static List<(int Batch, Tower Tower, string Kernel, Latency Latency)> Latencies(
        EngineHost engine, BenchRequest request, StageUse backend, int threads, CancellationToken cancellationToken)
    {
        using var session = engine.Open(request.Model, backend, threads);
        var results = new List<(int, Tower, string, Latency)>();
        foreach (var batch in request.Batches)
        {
            foreach (var tower in request.Towers)
            {
                BenchNotes.Say($"{BenchNotes.Of(tower, batch, threads)}: latency");
                results.Add((batch, tower, session.Kernel, EncoderBenchmark.Measure(session, tower, batch, request.Runs, cancellationToken)));
            }
        }
        return results;
    }
}

/// <summary>What <c>bench</c> is doing, for a terminal.</summary>
internal static class BenchNotes
{
    /// <summary>Writes a line to standard error if that is a terminal.</summary>
    public static void Say(string line)
    {
        if (!Console.IsErrorRedirected)
            StandardError.WriteLine(line);
    }

    /// <summary>Such as <c>image, batch 8, 1 thread</c>.</summary>
    public static string Of(Tower tower, int batch, int threads) => $"{tower.Name()}, batch {batch}, {threads} thread{(threads == 1 ? "" : "s")}";
}
