using System.Text;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Data;

/// <summary>A file inside a tar archive.</summary>
/// <param name="Name">Path in the archive.</param>
/// <param name="Offset">Position of its bytes in the archive.</param>
/// <param name="Length">Number of its bytes.</param>
internal readonly record struct TarEntry(string Name, long Offset, long Length);

/// <summary>
/// Finds the files of a tar archive by walking its headers, so that each can then be read by itself. Reads v7, ustar, GNU (long
/// names, binary sizes) and pax (<c>path</c>, <c>size</c>). Nothing of an archive is trusted: each header's checksum is
/// checked and each size compared with the length of the file before anything is read or allocated; every step advances by at
/// least one block, so that no archive can hold the walk. Archives are read by position and not mapped to memory: a mapped file
/// that another process truncates would end this one.
/// </summary>
internal static class TarIndex
{
    /// <summary>Longest name or pax header taken; real ones have some hundred bytes.</summary>
    private const int MaxExtension = 1 << 20;

    /// <summary>Lists the regular files in the order of the archive; folders are left out.</summary>
    /// <param name="file">The archive.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="cancellationToken">Ends the walk early.</param>
    /// <exception cref="InvalidInputException">The archive is damaged or holds what a shard cannot; names the offset.</exception>
    public static List<TarEntry> Read(FileWindow file, string path, CancellationToken cancellationToken = default)
    {
        var length = file.Length;
        var entries = new List<TarEntry>();
        string? longName = null;
        long? longSize = null;
        var pending = false;
        var position = 0L;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var block = file.Read(position, TarHeader.BlockSize);
            if (block.Length < TarHeader.BlockSize)
                throw Bad(path, position, "the archive ends without its end-of-archive block, so it is truncated; copy or download it again");
            if (!block.ContainsAnyExcept((byte)0))
                break;
            if (TarHeader.TryRead(block, out var header) is { } fault)
                throw Bad(path, position, fault);
            var data = position + TarHeader.BlockSize;
            var size = header.Type is '0' or '7' && longSize is { } s ? s : header.Size;
            if (size > length - data)
                throw Bad(path, position, $"entry '{longName ?? header.Name}' claims {size} bytes where {length - data} are left; the archive is truncated or damaged");
            switch (header.Type)
            {
                case '0' or '7':
                    entries.Add(new TarEntry(longName ?? header.Name, data, size));
                    (longName, longSize, pending) = (null, null, false);
                    break;
                case '5':
                    (longName, longSize, pending) = (null, null, false);
                    break;
                case 'L':
                    longName = LongName(Extension(file, path, position, size));
                    pending = true;
                    break;
                case 'x':
                    ReadPax(Extension(file, path, position, size), path, position, ref longName, ref longSize);
                    pending = true;
                    break;
                case 'g':
                    // Archive-wide comments, as git writes them; a name or size for every entry would be nonsense.
                    (string? Name, long? Size) ignored = default;
                    ReadPax(Extension(file, path, position, size), path, position, ref ignored.Name, ref ignored.Size);
                    break;
                default:
                    throw Bad(path, position, $"entry '{longName ?? header.Name}' is of type '{Printable(header.Type)}' (a link, device or sparse file); a shard holds plain files only");
            }
            // An extra size says how long the entry is in the archive, so it moves the walk too.
            position = data + (size + TarHeader.BlockSize - 1) / TarHeader.BlockSize * TarHeader.BlockSize;
        }
        if (pending)
            throw Bad(path, position, "a long name or pax header is not followed by its entry");
        RefuseTrailingData(file, path, position, length, cancellationToken);
        return entries;
    }

    // Shards joined by `cat` have a second archive behind the first one's end; leaving it out silently would lose samples.
    private static void RefuseTrailingData(FileWindow file, string path, long position, long length, CancellationToken cancellationToken)
    {
        while (position < length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var bytes = file.Read(position, FileWindow.Size);
            if (bytes.IsEmpty)
                break;
            var data = bytes.IndexOfAnyExcept((byte)0);
            if (data >= 0)
                throw Bad(path, position + data, "there is data after the end-of-archive block; if archives were joined with cat, unpack them and pack them anew");
            position += bytes.Length;
        }
    }

    private static byte[] Extension(FileWindow file, string path, long position, long size)
    {
        if (size > MaxExtension)
            throw Bad(path, position, $"a long name or pax header of {size} bytes; at most {MaxExtension} are taken");
        var bytes = new byte[size];
        return file.TryReadExactly(position + TarHeader.BlockSize, bytes)
            ? bytes
            : throw Bad(path, position, "the archive became shorter while it was read");
    }

    private static string LongName(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    // Records of "length key=value\n" where length counts the whole record.
    private static void ReadPax(ReadOnlySpan<byte> bytes, string path, long position, ref string? name, ref long? size)
    {
        while (bytes.Length > 0)
        {
            var space = bytes.IndexOf((byte)' ');
            if (space <= 0 || !TryDecimal(bytes[..space], out var length) || length <= space + 1 || length > bytes.Length || bytes[(int)length - 1] != '\n')
                throw Bad(path, position, "a pax header has a record with a wrong length");
            var record = bytes[(space + 1)..((int)length - 1)];
            var equals = record.IndexOf((byte)'=');
            if (equals <= 0)
                throw Bad(path, position, "a pax header has a record without a key");
            var key = record[..equals];
            var value = record[(equals + 1)..];
            if (key.SequenceEqual("path"u8))
                name = Encoding.UTF8.GetString(value);
            else if (key.SequenceEqual("size"u8))
                size = TryDecimal(value, out var n) ? n : throw Bad(path, position, "a pax header's size is not a decimal number");
            else if (key.StartsWith("GNU.sparse."u8))
                throw Bad(path, position, "an entry is a sparse file; a shard holds plain files only");
            bytes = bytes[(int)length..];
        }
    }

    private static bool TryDecimal(ReadOnlySpan<byte> digits, out long value)
    {
        value = 0;
        if (digits.Length is 0 or > 18 || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;
        foreach (var d in digits)
            value = value * 10 + (d - '0');
        return true;
    }

    private static string Printable(char type) => char.IsAsciiLetterOrDigit(type) ? type.ToString() : $"\\x{(int)type:x2}";

    private static InvalidInputException Bad(string path, long position, string what) => new($"{path}, offset {position}: {what}.", path);
}
