using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace CompressionHost.Engine;

/// <summary>Spans and counters an application can listen to, under the name <c>CompressionHost.Engine</c>.</summary>
internal static class EngineTelemetry
{
    private const string Name = "CompressionHost.Engine";
    private static readonly Meter Meter = new(Name);

    /// <summary>A span a stage.</summary>
    public static ActivitySource Activities { get; } = new(Name);

    /// <summary>Samples trained on.</summary>
    public static Counter<long> TrainedSamples { get; } = Meter.CreateCounter<long>("compressionhost.training.samples", "{sample}", "Samples trained on");

    /// <summary>Checkpoints written.</summary>
    public static Counter<long> Checkpoints { get; } = Meter.CreateCounter<long>("compressionhost.training.checkpoints", "{checkpoint}", "Checkpoints written");
}
