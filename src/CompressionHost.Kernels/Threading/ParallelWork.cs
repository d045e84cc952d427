namespace CompressionHost.Kernels;

/// <summary>Work in parts that may run at the same time. An object rather than a delegate, so that a call allocates nothing.</summary>
public abstract class ParallelWork
{
    /// <summary>Does one part.</summary>
    /// <param name="part">From 0 to one below the number of parts.</param>
    /// <param name="worker">From 0 to one below <see cref="WorkerPool.Threads"/>: parts that run at the same time have different ones.</param>
    public abstract void Execute(int part, int worker);
}
