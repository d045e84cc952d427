using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace CompressionHost.Tensors;

/// <summary>
/// A file mapped read-only. Its length is the length of the file when it was opened, so every claim in a header can be checked
/// against it before anything is read or allocated.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly SafeMemoryMappedViewHandle _handle;
    private byte* _start;

    private MappedFile(string path, long length, MemoryMappedFile map, MemoryMappedViewAccessor view)
    {
        (Path, Length, _map, _view, _handle) = (path, length, map, view, view.SafeMemoryMappedViewHandle);
        _handle.AcquirePointer(ref _start);
        _start += view.PointerOffset;
    }

    public string Path { get; }

    public long Length { get; }

    /// <param name="path">The file.</param>
    /// <param name="minimumLength">Shorter files are refused; at least 1, since nothing cannot be mapped.</param>
    /// <param name="kind">What the file should be, for messages: <c>safetensors file</c>.</param>
    /// <exception cref="InvalidInputException">The file is missing, unreadable or too short.</exception>
    public static MappedFile Open(string path, long minimumLength, string kind)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        MemoryMappedFile? map = null;
        try
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            using (stream)
            {
                var length = stream.Length;
                if (length < minimumLength)
                    throw new InvalidInputException($"{path}: {length} bytes cannot be a {kind}; the file is truncated or of another kind. Copy or download it again.", path);
                map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
                return new MappedFile(path, length, map, map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read));
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidInputException($"{path}: no such {kind}.", path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            map?.Dispose();
            throw new InvalidInputException($"{path}: cannot be read as a {kind}: {e.Message}", path, e);
        }
    }

    /// <summary>A part of the file. Valid until the file is disposed.</summary>
    public ReadOnlySpan<byte> Span(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(_start is null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        return new ReadOnlySpan<byte>(_start + offset, length);
    }

    public void Dispose()
    {
        if (_start is null)
            return;
        _start = null;
        _handle.ReleasePointer();
        _view.Dispose();
        _map.Dispose();
    }
}
