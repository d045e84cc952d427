using CompressionHost.Kernels;

namespace CompressionHost.Inference;

/// <summary>The threads of a session, for one call at a time. They start with the first call.</summary>
internal sealed class SharedPool(int threads) : IDisposable
{
    private WorkerPool? _pool;
    private int _taken;

    public int Threads { get; } = threads == 0 ? Environment.ProcessorCount : threads;

    /// <summary>The threads, until <see cref="Leave"/>; null while another call has them, or where there is only the caller's.</summary>
    public WorkerPool? TryEnter()
    {
        if (Threads == 1 || Interlocked.CompareExchange(ref _taken, 1, 0) != 0)
            return null;
        return _pool ??= new WorkerPool(Threads);
    }

    public void Leave() => Volatile.Write(ref _taken, 0);

    public void Dispose() => _pool?.Dispose();
}
