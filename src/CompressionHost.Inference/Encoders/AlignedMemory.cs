using System.Runtime.InteropServices;

namespace CompressionHost.Inference;

/// <summary>Zeroed memory that does not move, aligned to a cache line. The system maps large memory when it is written to, so what is not used costs nothing.</summary>
internal sealed unsafe class AlignedMemory : IDisposable
{
    private const int Alignment = 64;
    private void* _allocated;

    public AlignedMemory(long bytes)
    {
        Bytes = bytes;
        // Aligned allocation would have to be cleared, which maps all of it.
        _allocated = NativeMemory.AllocZeroed((nuint)bytes + Alignment);
        Start = (byte*)Align((long)_allocated);
    }

    ~AlignedMemory() => Free();

    public long Bytes { get; }

    public byte* Start { get; }

    public float* Floats => (float*)Start;

    public static long Align(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.Free(_allocated);
        _allocated = null;
    }
}
