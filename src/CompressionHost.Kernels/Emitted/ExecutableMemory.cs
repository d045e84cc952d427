using System.Runtime.InteropServices;
using Iced.Intel;

namespace CompressionHost.Kernels;

/// <summary>
/// Machine code made at run time. Its pages are never writable and executable at once: written first, then made read-only and executable. They live as long as the
/// process, since a call may be in them at any time.
/// </summary>
internal static unsafe partial class ExecutableMemory
{
    /// <summary>Puts code into executable pages.</summary>
    /// <returns>Its address, or null where this process may not have such pages or the system is not one of those known here.</returns>
    public static byte* TryPlace(ReadOnlySpan<byte> code)
    {
        try
        {
            if (OperatingSystem.IsLinux())
                return PlaceOnLinux(code);
            return OperatingSystem.IsWindows() ? PlaceOnWindows(code) : null;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Assembles and places.</summary>
    /// <returns>Its address, or null: see <see cref="TryPlace(ReadOnlySpan{byte})"/>.</returns>
    public static byte* TryPlace(Assembler assembler)
    {
        using var bytes = new MemoryStream();
        // The code refers to nothing but itself, so that it is the same at every address.
        assembler.Assemble(new StreamCodeWriter(bytes), rip: 0);
        return TryPlace(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    private static byte* PlaceOnLinux(ReadOnlySpan<byte> code)
    {
        const int read = 1, write = 2, execute = 4, privateAnonymous = 0x22;
        var start = Map(null, (nuint)code.Length, read | write, privateAnonymous, -1, 0);
        if ((nint)start == -1)
            return null;
        code.CopyTo(new Span<byte>(start, code.Length));
        if (Protect(start, (nuint)code.Length, read | execute) == 0)
            return start;
        _ = Unmap(start, (nuint)code.Length);
        return null;
    }

    private static byte* PlaceOnWindows(ReadOnlySpan<byte> code)
    {
        const uint reserveAndCommit = 0x3000, readWrite = 0x04, executeRead = 0x20, release = 0x8000;
        var start = VirtualAlloc(null, (nuint)code.Length, reserveAndCommit, readWrite);
        if (start is null)
            return null;
        code.CopyTo(new Span<byte>(start, code.Length));
        if (VirtualProtect(start, (nuint)code.Length, executeRead, out _) != 0 && FlushInstructionCache(GetCurrentProcess(), start, (nuint)code.Length) != 0)
            return start;
        _ = VirtualFree(start, 0, release);
        return null;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial byte* Map(byte* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(byte* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(byte* address, nuint length);

    [LibraryImport("kernel32")]
    private static partial byte* VirtualAlloc(byte* address, nuint length, uint type, uint protection);

    [LibraryImport("kernel32")]
    private static partial int VirtualProtect(byte* address, nuint length, uint protection, out uint old);

    [LibraryImport("kernel32")]
    private static partial int VirtualFree(byte* address, nuint length, uint type);

    [LibraryImport("kernel32")]
    private static partial int FlushInstructionCache(nint process, byte* address, nuint length);

    [LibraryImport("kernel32")]
    private static partial nint GetCurrentProcess();
}
