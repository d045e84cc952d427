using CompressionHost.Abstractions;
using CompressionHost.Recipes;
using CompressionHost.Tensors;

namespace CompressionHost.Engine;

/// <summary>Times a run's package on the backends its recipe names.</summary>
internal static class BackendBenchmark
{
    /// <summary>One result an encoder, batch size and thread count, in the order of the recipe.</summary>
    /// <exception cref="InvalidInputException">A backend can open none of the packages; the message says why.</exception>
    public static IReadOnlyList<LatencySummary> Run(
        IReadOnlyList<BenchmarkEntry> entries, IStageFactory factory, IReadOnlyList<PackageSummary> packages, RunDirectory directory,
        Action<LatencySummary> measured, CancellationToken cancellationToken)
    {
        var results = new List<LatencySummary>();
        foreach (var entry in entries)
        {
            var backend = factory.Create<IHardwareBackend>(entry.Backend);
            var package = Suitable(entry.Backend.Stage.Name, backend, [.. packages.Select(p => directory.In(p.Directory))]);
            foreach (var threads in entry.Threads)
            {
                using var session = backend.Open(package, threads);
                foreach (var (batch, tower) in entry.Batch.SelectMany(b => Towers.All.Select(t => (b, t))))
                {
                    var latency = EncoderBenchmark.Measure(session, tower, batch, cancellationToken: cancellationToken);
                    var result = new LatencySummary(entry.Name, session.Kernel, tower, batch, threads, latency);
                    measured(result);
                    results.Add(result);
                }
            }
        }
        return results;
    }

    /// <summary>The first package that the backend can open.</summary>
    private static string Suitable(string name, IHardwareBackend backend, IReadOnlyList<string> packages)
    {
        var reasons = new List<string>();
        foreach (var package in packages)
        {
            if (backend.WhyNot(package) is not { } reason)
                return package;
            reasons.Add(reason);
        }
        throw new InvalidInputException($"backend '{name}' can open no package of this run: {string.Join("; ", reasons)}");
    }
}
