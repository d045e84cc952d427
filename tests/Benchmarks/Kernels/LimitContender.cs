using System.Diagnostics;
using CompressionHost.Kernels;

namespace CompressionHost.Benchmarks;

/// <summary>A loop of nothing but the instruction in question, the same on each thread.</summary>
internal sealed class LimitContender(string name, int threads, double operations, Action loop) : Contender(name, threads, operations * threads)
{
    private readonly WorkerPool _pool = new(threads);
    private readonly Loop _work = new(loop);

    public override double Run()
    {
        var start = Stopwatch.GetTimestamp();
        _pool.Run(_work, Threads);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public override void Dispose() => _pool.Dispose();

    private sealed class Loop(Action action) : ParallelWork
    {
        public override void Execute(int part, int worker) => action();
    }
}
