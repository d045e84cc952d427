using CompressionHost.Abstractions;
using CompressionHost.Engine;
using CompressionHost.Recipes;
using CompressionHost.Tensors;

namespace CompressionHost.Cli;

/// <summary>A row of a comparison.</summary>
/// <param name="Contender">Name of the contender, or of the backend for the package itself.</param>
/// <param name="Row">What was measured of it; a run is a round.</param>
/// <param name="Paired">How it compares with the package, round by round.</param>
/// <param name="FileBytes">Bytes of its files.</param>
internal sealed record ComparisonRow(string Contender, BenchRow Row, PairedLatency Paired, long FileBytes);

/// <summary>Measures a package against the same model in other forms, all in one process and in turn.</summary>
internal static class Comparison
{
    /// <summary>Rounds unless the command line says otherwise.</summary>
    public const int DefaultRounds = 15;

    /// <summary>For each thread count, batch size and encoder a row of the package and one of each contender.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="request">What to measure; its runs are rounds.</param>
    /// <param name="backend">The backend that runs the package.</param>
    /// <param name="backendText">The same as a command line has it.</param>
    /// <param name="contenders">What to compare with.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static IReadOnlyList<ComparisonRow> Run(
        EngineHost engine, BenchRequest request, StageUse backend, string backendText, IReadOnlyList<Contender> contenders, CancellationToken cancellationToken)
    {
        using var files = ContenderFiles.Make(engine, request.Model, contenders, cancellationToken);
        var bytes = SizeOf(request.Model);
        List<Entry> entries = [new(backend.Stage.Name, request.Model, bytes, backend, backendText)];
        foreach (var contender in contenders)
        {
            var (path, size) = files.Of(contender.Name) ?? (request.Model, bytes);
            var use = engine.ReadStage(StageKind.HardwareBackend, "--with", contender.Backend);
            if (engine.WhyNot(path, use) is { } reason)
                throw new CommandLineException($"'{contender.Name}' cannot open '{path}': {reason}");
            entries.Add(new Entry(contender.Name, path, size, use, contender.Backend));
        }
        var rows = new List<ComparisonRow>();
        foreach (var threads in request.Threads)
        {
            foreach (var (tower, batch, results) in Measure(engine, request, entries, threads, cancellationToken))
            {
                foreach (var (entry, (kernel, paired)) in entries.Zip(results))
                {
                    BenchNotes.Say($"{BenchNotes.Of(tower, batch, threads)}: load time and memory of {entry.Name}");
                    var cost = ProbeProcess.Measure(entry.Path, entry.BackendText, tower, batch, threads, request.Plugins, cancellationToken);
                    var row = new BenchRow(entry.Backend.Stage.Name, kernel, threads, batch, tower, paired.Latency, cost);
                    rows.Add(new ComparisonRow(entry.Name, row, paired, entry.Bytes));
                }
            }
        }
        return rows;
    }

    private static List<(Tower Tower, int Batch, IReadOnlyList<(string Kernel, PairedLatency Latency)> Results)> Measure(
        EngineHost engine, BenchRequest request, IReadOnlyList<Entry> entries, int threads, CancellationToken cancellationToken)
    {
        var sessions = new List<IImageTextSession>();
        try
        {
            foreach (var entry in entries)
                sessions.Add(engine.Open(entry.Path, entry.Backend, threads));
            var measured = new List<(Tower, int, IReadOnlyList<(string, PairedLatency)>)>();
            foreach (var (batch, tower) in request.Batches.SelectMany(b => request.Towers.Select(t => (b, t))))
            {
                BenchNotes.Say($"{BenchNotes.Of(tower, batch, threads)}: {string.Join(", ", entries.Select(e => e.Name))} in turn");
                var results = PairedComparison.Measure(sessions, tower, batch, request.Runs > 0 ? request.Runs : DefaultRounds, cancellationToken);
                measured.Add((tower, batch, [.. sessions.Zip(results, (s, r) => (s.Kernel, r))]));
            }
            return measured;
        }
        finally
        {
            sessions.ForEach(s => s.Dispose());
        }
    }

    private static long SizeOf(string model) => File.Exists(model)
        ? FileLength.Of(model)
        : Directory.EnumerateFiles(model, "*", SearchOption.AllDirectories).Sum(FileLength.Of);

    private sealed record Entry(string Name, string Path, long Bytes, StageUse Backend, string BackendText);
}
