using System.Runtime.InteropServices;

namespace CompressionHost.Inference;

/// <summary>Zeroed memory that does not move, aligned to a cache line.</summary>
internal sealed unsafe class AlignedMemory : IDisposable
{
    private const int Alignment = 64;
    private void* _start;

    public AlignedMemory(long bytes)
    {
        Bytes = bytes;
        _start = NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), Alignment);
        NativeMemory.Clear(_start, (nuint)bytes);
    }

    ~AlignedMemory() => Free();

    public long Bytes { get; }

    public byte* Start => (byte*)_start;

    public float* Floats => (float*)_start;

    public static long Align(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_start);
        _start = null;
    }
}
