using System.Runtime.InteropServices;

namespace CompressionHost.Kernels.Tests;

/// <summary>A copy of some bytes whose last one is the last byte of a page, with a page behind it that nothing may touch: who reads past the end ends the process.</summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    private readonly byte* _start;
    private readonly nuint _length;

    public GuardedMemory(ReadOnlySpan<byte> bytes)
    {
        Assert.True(IsSupported);
        var page = (nuint)Environment.SystemPageSize;
        var room = ((nuint)bytes.Length + page - 1) / page * page;
        _length = room + page;
        _start = MapPages(null, _length, ReadWrite, PrivateAnonymous, -1, 0);
        Assert.True((nint)_start != -1);
        Assert.Equal(0, Protect(_start + room, page, 0));
        Bytes = _start + room - bytes.Length;
        bytes.CopyTo(new Span<byte>(Bytes, bytes.Length));
    }

    // The numbers of MAP_PRIVATE and MAP_ANONYMOUS are Linux's.
    public static bool IsSupported => OperatingSystem.IsLinux();

    public byte* Bytes { get; }

    public void Dispose() => Assert.Equal(0, UnmapPages(_start, _length));

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial byte* MapPages(byte* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(byte* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int UnmapPages(byte* address, nuint length);
}
