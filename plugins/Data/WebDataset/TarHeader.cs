using System.Text;

namespace CompressionHost.Plugins.Data;

/// <summary>
/// One 512-byte header block of a tar archive (POSIX.1-1988 ustar and its GNU and pax descendants), checked.
/// </summary>
internal readonly ref struct TarHeader
{
    public const int BlockSize = 512;

    private readonly ReadOnlySpan<byte> _block;

    private TarHeader(ReadOnlySpan<byte> block, long size)
    {
        _block = block;
        Size = size;
    }

    /// <summary>Bytes of data that follow the header.</summary>
    public long Size { get; }

    /// <summary>Type flag; a NUL of the oldest archives is given as '0'.</summary>
    public char Type => _block[156] == 0 ? '0' : (char)_block[156];

    /// <summary>Name, with the ustar prefix where there is one.</summary>
    public string Name
    {
        get
        {
            var name = Text(_block[..100]);
            // GNU's magic is "ustar  \0": there the bytes of the prefix hold other things.
            var isPosix = _block.Slice(257, 6).SequenceEqual("ustar\0"u8);
            var prefix = isPosix ? Text(_block.Slice(345, 155)) : "";
            return prefix.Length > 0 ? prefix + "/" + name : name;
        }
    }

    /// <summary>Reads and checks a block.</summary>
    /// <returns>Null if all is well, else what is wrong.</returns>
    public static string? TryRead(ReadOnlySpan<byte> block, out TarHeader header)
    {
        header = default;
        if (!TryOctal(block.Slice(148, 8), out var checksum))
            return "the header's checksum is not an octal number";
        var sums = Checksums(block);
        if (checksum != sums.Unsigned && checksum != sums.Signed)
            return $"the header's checksum is {checksum}, its bytes give {sums.Unsigned}";
        if (TrySize(block.Slice(124, 12), out var size) is { } fault)
            return fault;
        header = new TarHeader(block, size);
        return null;
    }

    // Early tars summed signed chars; both readings are accepted, as every tar does.
    private static (long Unsigned, long Signed) Checksums(ReadOnlySpan<byte> block)
    {
        long unsigned = 0, signed = 0;
        for (var i = 0; i < BlockSize; i++)
        {
            var b = i is >= 148 and < 156 ? (byte)' ' : block[i];
            unsigned += b;
            signed += (sbyte)b;
        }
        return (unsigned, signed);
    }

    // Octal digits or, where the first bit is set, GNU's big-endian binary for sizes of 8 GiB and more.
    private static string? TrySize(ReadOnlySpan<byte> field, out long size)
    {
        size = 0;
        if ((field[0] & 0x80) == 0)
            return TryOctal(field, out size) ? null : "the entry's size is not an octal number";
        if ((field[0] & 0x40) != 0)
            return "the entry's size is negative";
        if ((field[0] & 0x3F) != 0 || field[1..4].ContainsAnyExcept((byte)0) || (field[4] & 0x80) != 0)
            return "the entry's size does not fit 63 bits";
        foreach (var b in field[4..])
            size = size << 8 | b;
        return null;
    }

    private static bool TryOctal(ReadOnlySpan<byte> field, out long value)
    {
        value = 0;
        var digits = field.TrimStart((byte)' ');
        var end = digits.IndexOfAny((byte)' ', (byte)0);
        if (end >= 0)
        {
            if (digits[end..].ContainsAnyExcept((byte)' ', (byte)0))
                return false;
            digits = digits[..end];
        }
        // A field that is all spaces or NULs is zero: that is how old tars write fields they have no use for.
        foreach (var d in digits)
        {
            if (d is < (byte)'0' or > (byte)'7')
                return false;
            value = value << 3 | (long)(d - '0');
        }
        return true;
    }

    private static string Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }
}
