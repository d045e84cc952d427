using BenchmarkDotNet.Attributes;

namespace CompressionHost.Benchmarks;

/// <summary>A training step with and without fake quantization. For the ratio of the two use <c>--paired</c>, which alternates them.</summary>
[MemoryDiagnoser]
public class QatStepBenchmark
{
    private QatStep? _step;

    /// <summary>How the weights are fake-quantized.</summary>
    [ParamsAllValues]
    public FakeQuantization Kind { get; set; }

    /// <summary>Pairs a step.</summary>
    [Params(32, 128)]
    public int Batch { get; set; }

    /// <summary>Makes the model.</summary>
    [GlobalSetup]
    public void Setup() => _step = new QatStep(Kind, Batch);

    /// <summary>Frees the model.</summary>
    [GlobalCleanup]
    public void Cleanup() => _step?.Dispose();

    /// <summary>One step.</summary>
    [Benchmark]
    public double Step() => _step!.Run().Total;
}
