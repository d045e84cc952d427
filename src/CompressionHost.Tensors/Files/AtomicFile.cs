using System.Text;

namespace CompressionHost.Tensors;

/// <summary>
/// Writes a file so that a reader sees the old content or the new one, never a part: a temporary file in the same folder is
/// written, flushed to the disk and renamed over the target. If anything throws, the temporary file is deleted and the target is as it was.
/// </summary>
public static class AtomicFile
{
    private static readonly UTF8Encoding Utf8NoMark = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Writes what <paramref name="write"/> puts into the stream.</summary>
    /// <param name="path">The target; its folder must exist.</param>
    /// <param name="write">Writes the content. The stream can seek; do not close it.</param>
    /// <exception cref="IOException">The folder is missing or the disk is full.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        var target = Path.GetFullPath(path);
        var temporary = $"{target}.{Path.GetRandomFileName()}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    /// <inheritdoc cref="Write" path="/exception"/>
    public static void WriteAllText(string path, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        WriteAllBytes(path, Utf8NoMark.GetBytes(text));
    }

    /// <summary>Writes bytes.</summary>
    /// <inheritdoc cref="Write" path="/exception"/>
    public static void WriteAllBytes(string path, ReadOnlyMemory<byte> bytes) => Write(path, stream => stream.Write(bytes.Span));
}
