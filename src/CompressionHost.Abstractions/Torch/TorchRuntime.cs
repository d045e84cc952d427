using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace CompressionHost.Abstractions;

/// <summary>
/// Makes TorchSharp's native library load. TorchSharp 0.107 is linked against the C++ library of GCC 13 and is refused by the
/// loader of older distributions (Debian 12, Ubuntu 22.04, RHEL 9), though nothing in it uses what is missing. Only where the
/// loader has refused it does this class step in, with a copy that no longer insists (<see cref="TorchLibraryCopy"/>).
/// </summary>
public static class TorchRuntime
{
    private const string Library = "libLibTorchSharp.so";
    private static readonly Lock Gate = new();
    private static nint _handle;

    /// <summary>
    /// Loads libtorch and TorchSharp's native library. Safe to call often and from several threads. Calling it is optional: the
    /// library is also loaded on the first use of TorchSharp. It differs in that it says what is wrong where that fails.
    /// </summary>
    /// <exception cref="InvalidOperationException">The library cannot be loaded; the message says why and what to do.</exception>
    public static void EnsureLoaded()
    {
        if (OperatingSystem.IsLinux())
            _ = Load();
        // Never under the lock: another thread may be initializing TorchSharp's classes, which loads the library and so waits for the lock, while this waits for the classes.
        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        catch (Exception e) when (e is NotSupportedException or TypeInitializationException or DllNotFoundException)
        {
            throw new InvalidOperationException(
                "TorchSharp's native libraries could not be loaded. Build with the libtorch package of this platform (-p:TorchBackend=cpu) or put libtorch on the library path. "
                + (e.InnerException?.Message ?? e.Message), e);
        }
    }

    /// <summary>Where native libraries are looked for, most specific first.</summary>
    internal static IEnumerable<string> SearchFolders()
    {
        var roots = new List<string>();
        if (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") is string searched)
            roots.AddRange(searched.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries));
        roots.Add(AppContext.BaseDirectory);
        if (AssemblyFolder() is { } folder)
            roots.Add(folder);
        return roots.SelectMany(r => new[] { r, Path.Combine(r, "runtimes", RuntimeInformation.RuntimeIdentifier, "native"), Path.Combine(r, "runtimes", "linux-x64", "native") })
            .Distinct(StringComparer.Ordinal);
    }

#pragma warning disable CA2255 // A library's module initializer: the handler must be there before anyone's first use of TorchSharp.
    [ModuleInitializer]
    internal static void Register()
    {
        if (OperatingSystem.IsLinux() && AssemblyLoadContext.GetLoadContext(typeof(torch).Assembly) is { } context)
            context.ResolvingUnmanagedDll += (_, name) => name is "LibTorchSharp" or Library ? Load() : 0;
    }
#pragma warning restore CA2255

    private static nint Load()
    {
        lock (Gate)
        {
            if (_handle != 0)
                return _handle;
            var folders = SearchFolders().Where(Directory.Exists).ToArray();
            // The copy lies elsewhere, so its own search path does not find these; loaded first, they are found by name.
            foreach (var name in new[] { "libc10.so", "libtorch_cpu.so", "libtorch.so" })
                _ = TryLoadFrom(folders, name, out _);
            if (TryLoadFrom(folders, Library, out _handle))
                return _handle;
            var original = folders.Select(f => Path.Combine(f, Library)).FirstOrDefault(File.Exists)
                ?? throw new InvalidOperationException($"{Library} was not found in {string.Join(", ", folders)}. Build with -p:TorchBackend=cpu, or put libtorch and {Library} beside the program.");
            return _handle = TorchLibraryCopy.Load(original, TorchLibraryCopy.CacheFolder());
        }
    }

    private static bool TryLoadFrom(string[] folders, string name, out nint handle)
    {
        foreach (var path in folders.Select(f => Path.Combine(f, name)).Where(File.Exists))
        {
            if (NativeLibrary.TryLoad(path, out handle))
                return true;
        }
        return NativeLibrary.TryLoad(name, out handle);
    }

    private static string? AssemblyFolder()
    {
#pragma warning disable IL3000 // Empty in a single-file program, which is why it is only one place among several.
        var location = typeof(torch).Assembly.Location;
#pragma warning restore IL3000
        return location.Length == 0 ? null : Path.GetDirectoryName(location);
    }
}
