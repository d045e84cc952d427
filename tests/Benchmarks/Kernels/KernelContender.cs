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

    public override double Run()
    {
        var start = Stopwatch.GetTimestamp();
        _product.QuantizeAndMultiply(_x, _activations, _shape.Tokens, [], _y, _pool);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public override void Dispose()
    {
        _pool.Dispose();
        _activations.Dispose();
        _product.Dispose();
    }
}
