using BenchmarkDotNet.Attributes;

namespace CompressionHost.Benchmarks;

/// <summary>One kernel at a time on one thread. To compare kernels with each other and with ONNX Runtime use <c>--kernels</c>, which alternates them.</summary>
[MemoryDiagnoser]
public class KernelProductBenchmark
{
    private KernelContender? _contender;

    /// <summary>Tokens, columns and rows.</summary>
    [Params("197x768x3072", "1x768x3072")]
    public string Shape { get; set; } = "";

    /// <summary>Scheme, group and kernel.</summary>
    [ParamsSource(nameof(Kernels))]
    public string Kernel { get; set; } = "";

    /// <summary>Every scheme and kernel of this machine.</summary>
    public static IEnumerable<string> Kernels()
    {
        foreach (var contender in KernelProducts.All(new ProductShape(1, 512, 64), threads: 1))
        {
            yield return contender.Name;
            contender.Dispose();
        }
    }

    /// <summary>Makes the weights.</summary>
    [GlobalSetup]
    public void Setup()
    {
        foreach (var contender in KernelProducts.All(ProductShape.TryParse(Shape)!, threads: 1))
        {
            if (contender.Name == Kernel)
                _contender = contender;
            else
                contender.Dispose();
        }
    }

    /// <summary>Frees them.</summary>
    [GlobalCleanup]
    public void Cleanup() => _contender?.Dispose();

    /// <summary>Activations quantized, then the product.</summary>
    [Benchmark]
    public double Product() => _contender!.Run();
}
