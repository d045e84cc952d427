using System.Runtime.InteropServices;

namespace CompressionHost.Kernels;

/// <summary>Scratch memory of a thread, which it keeps: memory fresh from the system costs as much as a small product. Freed after the thread has ended.</summary>
internal sealed unsafe class ThreadScratch
{
    [ThreadStatic]
    private static ThreadScratch? _own;

    private readonly long _bytes;
    private readonly byte* _start;

    private ThreadScratch(long bytes)
    {
        _bytes = bytes;
        _start = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 64);
    }

    ~ThreadScratch() => NativeMemory.AlignedFree(_start);

    /// <summary>At least so many bytes, 64-byte aligned, until this thread asks for more.</summary>
    public static byte* Get(long bytes)
    {
        if (_own is not { } scratch || scratch._bytes < bytes)
            _own = scratch = new ThreadScratch(Math.Max(bytes, 64));
        return scratch._start;
    }
}
