namespace CompressionHost.Recipes;

/// <summary>Names of the metrics that come from no evaluator.</summary>
public static class MetricNames
{
    /// <summary>What is known of every compressed model.</summary>
    public static IReadOnlyList<string> OfModel { get; } = ["size.float32Bytes", "ternaryShare", "zeros"];

    /// <summary>What is known only where <c>pack</c> writes a package.</summary>
    public static IReadOnlyList<string> OfPackage { get; } = ["size.bytes", "size.ratio"];

    /// <summary>Median time of a batch, in milliseconds: <c>latency.x64.image.b1.t2.ms</c>.</summary>
    /// <param name="backend">Name of the backend, or what the recipe calls it.</param>
    /// <param name="tower"><c>image</c> or <c>text</c>.</param>
    /// <param name="batch">Batch size.</param>
    /// <param name="threads">Thread count.</param>
    public static string Latency(string backend, string tower, int batch, int threads) => $"latency.{backend}.{tower}.b{batch}.t{threads}.ms";

    /// <summary>Every metric one benchmark gives.</summary>
    public static IEnumerable<string> Latencies(BenchmarkEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return from batch in entry.Batch
               from threads in entry.Threads
               from tower in new[] { "image", "text" }
               select Latency(entry.Name, tower, batch, threads);
    }
}
