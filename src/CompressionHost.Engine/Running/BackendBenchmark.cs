using System.Diagnostics;
using CompressionHost.Abstractions;
using CompressionHost.Recipes;
using CompressionHost.Tensors;

namespace CompressionHost.Engine;

/// <summary>Times a package's encoders on the backends a recipe names.</summary>
internal static class BackendBenchmark
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(2);

    /// <summary>Median milliseconds of a call, as <c>latency.BACKEND.image.bBATCH.tTHREADS.ms</c> and <c>.text.</c>.</summary>
    public static IReadOnlyDictionary<string, double> Run(
        IReadOnlyList<BenchmarkEntry> entries, IStageFactory factory, IReadOnlyList<PackageSummary> packages, RunDirectory directory, CancellationToken cancellationToken)
    {
        var metrics = new Dictionary<string, double>();
        foreach (var entry in entries)
        {
            var name = entry.Backend.Stage.Name;
            var backend = factory.Create<IHardwareBackend>(entry.Backend);
            var candidates = packages.Select(p => directory.In(p.Directory)).ToList();
            var package = candidates.FirstOrDefault(p => backend.WhyNot(p) is null) ?? throw new InvalidInputException(candidates.Count == 0
                ? $"backend '{name}' has nothing to time: the recipe packs nothing. Add 'pack: [{{ use: native }}]'."
                : $"backend '{name}' can open no package of this run: {string.Join("; ", candidates.Select(backend.WhyNot))}");
            foreach (var threads in entry.Threads)
            {
                using var session = backend.Open(package, threads);
                foreach (var batch in entry.Batch)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    metrics[$"latency.{name}.image.b{batch}.t{threads}.ms"] = MedianMilliseconds(ImageCall(session, batch));
                    metrics[$"latency.{name}.text.b{batch}.t{threads}.ms"] = MedianMilliseconds(TextCall(session, batch));
                }
            }
        }
        return metrics;
    }

    private static Action ImageCall(IImageTextSession session, int batch)
    {
        var size = session.ImageProcessor.Size;
        var pixels = new float[batch * 3 * size * size];
        var random = new Random(1);
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (float)(random.NextDouble() * 4 - 2);
        var embeddings = new float[batch * session.EmbeddingSize];
        return () => session.EncodeImages(pixels, batch, embeddings);
    }

    private static Action TextCall(IImageTextSession session, int batch)
    {
        // A full-length text: the end token only at its last place.
        var tokens = new int[batch * session.ContextLength];
        var end = session.Tokenizer?.EndToken ?? 0;
        Array.Fill(tokens, 1);
        for (var i = 1; i <= batch; i++)
            tokens[i * session.ContextLength - 1] = end;
        var embeddings = new float[batch * session.EmbeddingSize];
        return () => session.EncodeTexts(tokens, batch, embeddings);
    }

    private static double MedianMilliseconds(Action call)
    {
        call();
        call();
        var times = new List<double>();
        var began = Stopwatch.GetTimestamp();
        while (times.Count < 5 || (times.Count < 200 && Stopwatch.GetElapsedTime(began) < Budget))
        {
            var start = Stopwatch.GetTimestamp();
            call();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        times.Sort();
        return times[times.Count / 2];
    }
}
