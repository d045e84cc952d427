using System.Runtime.ExceptionServices;

namespace CompressionHost.Kernels;

/// <summary>
/// A fixed number of threads for work that comes in short bursts, one after the other: a transformer's layers. The caller is one of them. Idle
/// threads look for work for some microseconds before they sleep, since waking a thread costs more than a small layer.
/// </summary>
public sealed class WorkerPool : IDisposable
{
    private const int SpinsBeforeSleep = 2_000;

    private readonly Lock _oneCallAtATime = new();
    private readonly ManualResetEventSlim _done = new(true, SpinsBeforeSleep);
    private readonly Thread[] _threads;
    // One each: a permit that all could take might be taken by a thread that has done its part, and the one it was meant for would sleep on.
    private readonly SemaphoreSlim[] _wake;
    private readonly bool[] _asleep;
    private volatile ParallelWork? _work;
    private volatile ExceptionDispatchInfo? _failure;
    private volatile bool _stopping;
    private int _round;
    private int _parts;
    private int _next;
    private int _busy;

    /// <summary>Starts the threads.</summary>
    /// <param name="threads">Threads that compute, the caller's included; 0 for one a core.</param>
    public WorkerPool(int threads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        Threads = threads == 0 ? Environment.ProcessorCount : threads;
        _threads = new Thread[Threads - 1];
        _asleep = new bool[_threads.Length];
        _wake = new SemaphoreSlim[_threads.Length];
        for (var i = 0; i < _threads.Length; i++)
        {
            var worker = i + 1;
            _wake[i] = new SemaphoreSlim(0);
            _threads[i] = new Thread(() => Serve(worker)) { IsBackground = true, Name = $"CompressionHost worker {worker}" };
            _threads[i].Start();
        }
    }

    /// <summary>Threads that compute, the caller's included.</summary>
    public int Threads { get; }

    /// <summary>Does all parts and returns when the last has ended. Calls from several threads wait for each other; a part must not call it.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="parts">Number of parts.</param>
    /// <exception cref="ObjectDisposedException">The pool is disposed.</exception>
    public void Run(ParallelWork work, int parts)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentOutOfRangeException.ThrowIfNegative(parts);
        lock (_oneCallAtATime)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            if (_threads.Length == 0 || parts <= 1)
            {
                for (var part = 0; part < parts; part++)
                    work.Execute(part, 0);
                return;
            }
            _parts = parts;
            _failure = null;
            _busy = _threads.Length;
            Volatile.Write(ref _next, 0);
            _done.Reset();
            _work = work;
            Interlocked.Increment(ref _round);
            for (var i = 0; i < _wake.Length; i++)
            {
                if (Volatile.Read(ref _asleep[i]))
                    _wake[i].Release();
            }
            Take(work, 0);
            _done.Wait();
            _work = null;
            _failure?.Throw();
        }
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        lock (_oneCallAtATime)
        {
            if (_stopping)
                return;
            _stopping = true;
            Interlocked.Increment(ref _round);
            foreach (var wake in _wake)
                wake.Release();
        }
        foreach (var thread in _threads)
            thread.Join();
        foreach (var wake in _wake)
            wake.Dispose();
        _done.Dispose();
    }

    private void Serve(int worker)
    {
        var seen = 0;
        while (true)
        {
            AwaitRound(worker - 1, ref seen);
            if (_stopping)
                return;
            Take(_work!, worker);
            if (Interlocked.Decrement(ref _busy) == 0)
                _done.Set();
        }
    }

    // A thread says that it sleeps before it looks a last time, and the caller reads that after it has begun the round: one of the two sees
    // the other. A permit left over from a thread that saw the round by itself only makes it look once more.
    private void AwaitRound(int index, ref int seen)
    {
        var spinner = 0;
        while (Volatile.Read(ref _round) == seen)
        {
            if (spinner++ < SpinsBeforeSleep)
            {
                Thread.SpinWait(8);
                continue;
            }
            Volatile.Write(ref _asleep[index], true);
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _round) == seen)
                _wake[index].Wait();
            Volatile.Write(ref _asleep[index], false);
        }
        seen = Volatile.Read(ref _round);
    }

    private void Take(ParallelWork work, int worker)
    {
        try
        {
            for (int part; (part = Interlocked.Increment(ref _next) - 1) < _parts;)
                work.Execute(part, worker);
        }
        catch (Exception e)
        {
            // The other threads finish their parts; the caller hears of the first fault.
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(e), null);
            Volatile.Write(ref _next, _parts);
        }
    }
}
