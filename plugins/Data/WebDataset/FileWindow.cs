using Microsoft.Win32.SafeHandles;

namespace CompressionHost.Plugins.Data;

/// <summary>
/// Small reads at rising positions of a file, served from a window of it: a shard of small images has several headers in each
/// window, one of large images costs one window a header.
/// </summary>
internal sealed class FileWindow(SafeFileHandle file)
{
    /// <summary>Longest piece that can be read.</summary>
    public const int Size = 1 << 14;

    private readonly byte[] _buffer = new byte[Size];
    private long _start;
    private int _count;

    public long Length { get; } = RandomAccess.GetLength(file);

    /// <summary>Bytes of the file, valid until the next read; fewer than asked for where the file ends before.</summary>
    public ReadOnlySpan<byte> Read(long position, int count)
    {
        if (position < _start || position + count > _start + _count)
        {
            (_start, _count) = (position, 0);
            for (int n; _count < Size && (n = RandomAccess.Read(file, _buffer.AsSpan(_count), position + _count)) > 0;)
                _count += n;
        }
        return _buffer.AsSpan((int)(position - _start), Math.Min(count, (int)(_start + _count - position)));
    }

    /// <summary>Fills the destination from the file.</summary>
    /// <returns>False if the file ends before.</returns>
    public bool TryReadExactly(long position, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var n = RandomAccess.Read(file, destination, position);
            if (n == 0)
                return false;
            destination = destination[n..];
            position += n;
        }
        return true;
    }
}
