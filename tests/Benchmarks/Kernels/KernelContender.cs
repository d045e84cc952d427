using System.Diagnostics;
using CompressionHost.Kernels;

namespace CompressionHost.Benchmarks;

/// <summary>One of our kernels: activations quantized, then the product.</summary>
internal sealed class KernelContender : Contender
{
    private readonly MatrixProduct _product;
    private readonly QuantizedActivations _activations;
    private readonly WorkerPool _pool;
    private readonly ProductShape _shape;
    private readonly float[] _x;
    private readonly float[] _y;

    public KernelContender(string name, ProductShape shape, int threads, PackedWeights weights, ProductKernel kernel)
        : base(name, threads, shape.Operations)
    {
        _shape = shape;
        _product = new MatrixProduct(weights, kernel);
        _activations = new QuantizedActivations(shape.Tokens, shape.Columns);
        _pool = new WorkerPool(threads);
        _x = shape.Activations();
        _y = new float[shape.Tokens * shape.Rows];
    }

    public override (double Seconds, double Before) Run()
    {
        var start = Stopwatch.GetTimestamp();
        for (var t = 0; t < _shape.Tokens; t++)
            _activations.Quantize(t, _x.AsSpan(t * _shape.Columns, _shape.Columns));
        var before = Stopwatch.GetElapsedTime(start).TotalSeconds;
        _product.Multiply(_activations, _shape.Tokens, [], _y, _pool);
        return (Stopwatch.GetElapsedTime(start).TotalSeconds, before);
    }

    public override void Dispose()
    {
        _pool.Dispose();
        _activations.Dispose();
        _product.Dispose();
    }
}
