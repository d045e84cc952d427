using System.Runtime.InteropServices;
using System.Security.Cryptography;
using CompressionHost.Tensors;

namespace CompressionHost.Abstractions;

/// <summary>
/// A private copy of TorchSharp's native library that asks for GLIBCXX_3.4.32 weakly. One symbol stands behind that need: the marker
/// by which GCC 13 makes sure that iostreams are initialized. Older C++ libraries initialize them in every translation unit, and the
/// library never calls it.
/// </summary>
internal static class TorchLibraryCopy
{
    internal const string Version = "GLIBCXX_3.4.32";
    internal const string Marker = "_ZSt21ios_base_library_initv";
    private const long LargestFile = 256L << 20;

    /// <summary>This user's cache folder for copies; null where the user has no home.</summary>
    internal static string? CacheFolder()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(cache) || !Path.IsPathRooted(cache))
        {
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            cache = home.Length == 0 ? null : Path.Combine(home, ".cache");
        }
        return cache is null ? null : Path.Combine(cache, "compressionhost", "native");
    }

    /// <summary>Makes the copy, or finds the one made earlier, and loads it.</summary>
    /// <param name="original">The library the loader has refused.</param>
    /// <param name="cache">Folder to keep the copy in; where it is null or unusable a temporary one is used and removed.</param>
    /// <exception cref="InvalidOperationException">That cannot help, or no folder is usable.</exception>
    internal static nint Load(string original, string? cache)
    {
        var (key, patched) = Patch(original);
        var failure = "there is no home folder";
        try
        {
            if (cache is not null)
                return NativeLibrary.Load(Store(cache, key, patched));
        }
        catch (Exception e) when (IsFolderFault(e))
        {
            failure = $"{cache}: {e.Message}";
        }
        try
        {
            var folder = Directory.CreateTempSubdirectory("compressionhost-").FullName;
            try
            {
                return NativeLibrary.Load(Store(folder, key, patched));
            }
            finally
            {
                // The mapping outlives the file.
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception e) when (IsFolderFault(e))
        {
            throw new InvalidOperationException(
                $"{original} does not load on this system, nor does a copy that asks for {Version} weakly. Set XDG_CACHE_HOME to a folder that can be written and executed from, or install the C++ library of GCC 13 (libstdc++6 13). ({failure}; {e.Message})", e);
        }
    }

    /// <summary>The library's bytes with the need made weak, and the digest of the bytes as they were.</summary>
    internal static (string Key, byte[] Patched) Patch(string original)
    {
        if (new FileInfo(original).Length > LargestFile)
            throw new InvalidOperationException($"{original} is larger than {LargestFile >> 20} MiB; that is not TorchSharp's native library.");
        var bytes = File.ReadAllBytes(original);
        var key = Convert.ToHexStringLower(SHA256.HashData(bytes));
        IReadOnlyList<VersionNeed> needs;
        try
        {
            needs = ElfVersionNeeds.Find(bytes, Version);
        }
        catch (Exception e) when (e is InvalidDataException or OverflowException)
        {
            throw new InvalidOperationException($"{original} does not load and is malformed: {e.Message}. Restore the TorchSharp package again.", e);
        }
        if (needs.Count == 0)
            throw new InvalidOperationException($"{original} does not load on this system, and not because of {Version}. Run ldd on it to see which library it misses; libtorch must be beside it.");
        if (needs.Count != 1 || needs[0].Symbols.Any(s => s != Marker))
            throw new InvalidOperationException($"{original} uses symbols of {Version} ({string.Join(", ", needs.SelectMany(n => n.Symbols).Take(3))}) that this system's C++ library lacks. Install the C++ library of GCC 13 (libstdc++6 13) or a newer distribution.");
        ElfVersionNeeds.Weaken(bytes, needs[0]);
        return (key, bytes);
    }

    /// <summary>Puts the copy into <paramref name="cache"/>/<paramref name="key"/>; other processes may do the same at once.</summary>
    /// <returns>Path of the copy.</returns>
    internal static string Store(string cache, string key, byte[] patched)
    {
        var folder = Path.Combine(cache, key);
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, owner);
        var path = Path.Combine(folder, "libLibTorchSharp.so");
        // A copy that was damaged or planted is replaced: only bytes made here are ever loaded.
        if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(patched))
            AtomicFile.WriteAllBytes(path, patched);
        return path;
    }

    private static bool IsFolderFault(Exception e) =>
        e is IOException or UnauthorizedAccessException or DllNotFoundException or BadImageFormatException;
}
