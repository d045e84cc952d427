using CompressionHost.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace CompressionHost.Plugins.Data;

/// <summary>
/// Reads entries of one archive, from any thread. Few shards stay open; of many each is opened for every read, since a process
/// may hold about a thousand files.
/// </summary>
internal sealed class Shard(string path, SafeFileHandle? handle) : IDisposable
{
    public string Path => path;

    public static SafeFileHandle OpenHandle(string path) => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.RandomAccess);

    /// <exception cref="BadSampleException">The archive cannot be read, or is no longer what it was when it was opened.</exception>
    public byte[] Read(TarEntry entry)
    {
        var origin = Origin(entry.Name);
        if (entry.Length > ImageFiles.MaxBytes)
            throw new BadSampleException(origin, $"the entry has {entry.Length} bytes; entries of up to {ImageFiles.MaxBytes} bytes are read");
        var bytes = GC.AllocateUninitializedArray<byte>((int)entry.Length);
        try
        {
            var file = handle ?? OpenHandle(path);
            try
            {
                for (var done = 0; done < bytes.Length;)
                {
                    var n = RandomAccess.Read(file, bytes.AsSpan(done), entry.Offset + done);
                    if (n == 0)
                        throw new BadSampleException(origin, "the shard became shorter since it was opened");
                    done += n;
                }
            }
            finally
            {
                if (handle is null)
                    file.Dispose();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadSampleException(origin, e.Message, e);
        }
        return bytes;
    }

    public string Origin(string entry) => $"{path}:{entry}";

    public void Dispose() => handle?.Dispose();
}
