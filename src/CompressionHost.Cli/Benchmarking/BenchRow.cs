using CompressionHost.Engine;

namespace CompressionHost.Cli;

/// <summary>What was measured of one encoder, batch size and thread count.</summary>
/// <param name="Backend">Name of the backend.</param>
/// <param name="Kernel">What computed.</param>
/// <param name="Threads">Threads it computed with.</param>
/// <param name="Batch">Inputs of a call.</param>
/// <param name="Tower">The encoder.</param>
/// <param name="Latency">Time of a call.</param>
/// <param name="Cost">Load time and memory, of a process of its own.</param>
internal sealed record BenchRow(string Backend, string Kernel, int Threads, int Batch, Tower Tower, Latency Latency, LoadCost Cost)
{
    /// <summary>Inputs a second, at the median.</summary>
    public double PerSecond => Batch * 1000 / Latency.MedianMs;
}

/// <summary>What <c>bench</c> is asked to measure.</summary>
/// <param name="Model">The package or checkpoint.</param>
/// <param name="Towers">Encoders.</param>
/// <param name="Batches">Batch sizes.</param>
/// <param name="Threads">Thread counts, none of them 0.</param>
/// <param name="Runs">Timed runs; 0 for as many as it takes.</param>
/// <param name="Plugins">Folders of plugins, for the processes that are started.</param>
internal sealed record BenchRequest(
    string Model, IReadOnlyList<Tower> Towers, IReadOnlyList<int> Batches, IReadOnlyList<int> Threads, int Runs, IReadOnlyList<string> Plugins);
