using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text.Json;

namespace CompressionHost.Tensors;

/// <summary>
/// The beginning of a package: a prefix of 32 bytes, then the JSON header compressed with Brotli (its names repeat; for a small model it
/// would be a twentieth of the file). The prefix, little-endian: magic (8), version (4), compressed bytes (4), JSON bytes (4), zero (4),
/// XXH3 of everything from the version to the end of the header except itself (8).
/// </summary>
internal static class NativeHeader
{
    public const int Version = 1;
    public const int PrefixBytes = 32;

    private const int VersionAt = 8, StoredAt = 12, JsonAt = 16, ReservedAt = 20, ChecksumAt = 24;
    private const int MaxJsonBytes = 16 << 20;
    private const int MaxRatio = 256;

    // As in PNG: a transfer as text breaks the line ends, and the high bit shows a 7-bit channel.
    private static ReadOnlySpan<byte> Magic => [0x8C, (byte)'C', (byte)'H', (byte)'P', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n'];

    /// <summary>Prefix, header and padding: what comes before the first section.</summary>
    public static byte[] Encode(NativeHeaderJson header)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(header, NativeJsonContext.Default.NativeHeaderJson);
        if (json.Length > MaxJsonBytes)
            throw new ArgumentException($"A header of {json.Length} bytes is larger than {MaxJsonBytes}: too many tensors.", nameof(header));
        var buffer = new byte[NativeSection.Align(PrefixBytes + BrotliEncoder.GetMaxCompressedLength(json.Length))];
        if (!BrotliEncoder.TryCompress(json, buffer.AsSpan(PrefixBytes), out var stored, quality: 9, window: 22))
            throw new InvalidOperationException("Brotli needed more than its own bound.");
        Magic.CopyTo(buffer);
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(VersionAt), Version);
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(StoredAt), stored);
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(JsonAt), json.Length);
        var end = (int)NativeSection.Align(PrefixBytes + stored);
        BinaryPrimitives.WriteUInt64LittleEndian(buffer.AsSpan(ChecksumAt), Checksum(buffer.AsSpan(0, PrefixBytes + stored)));
        return buffer[..end];
    }

    /// <summary>The header, and where it ends.</summary>
    public static (NativeHeaderJson Header, int End) Decode(MappedFile file)
    {
        var prefix = file.Span(0, PrefixBytes);
        if (!prefix.StartsWith(Magic))
            throw new InvalidInputException($"{file.Path}: not a package: it does not begin as one. Name a {NativePackage.Extension} file, or the folder that holds it.", file.Path);
        var version = BinaryPrimitives.ReadInt32LittleEndian(prefix[VersionAt..]);
        if (version != Version)
            throw new InvalidInputException($"{file.Path}: package format version {version}; this program reads version {Version}. Update the program, or pack the model again.", file.Path);
        var stored = BinaryPrimitives.ReadUInt32LittleEndian(prefix[StoredAt..]);
        var size = BinaryPrimitives.ReadUInt32LittleEndian(prefix[JsonAt..]);
        if (stored > file.Length - PrefixBytes || size > MaxJsonBytes || size > (long)stored * MaxRatio)
            throw Damaged(file.Path, $"a header of {stored} bytes, {size} decompressed, in a file of {file.Length} bytes");
        var end = PrefixBytes + (int)stored;
        if (BinaryPrimitives.ReadInt32LittleEndian(prefix[ReservedAt..]) != 0
            || Checksum(file.Span(0, end)) != BinaryPrimitives.ReadUInt64LittleEndian(prefix[ChecksumAt..]))
            throw Damaged(file.Path, "its header does not match its checksum");
        var json = new byte[size];
        if (!BrotliDecoder.TryDecompress(file.Span(PrefixBytes, (int)stored), json, out var written) || written != size)
            throw Damaged(file.Path, "its header does not decompress to the size it claims");
        return (Parse(file.Path, json), end);
    }

    public static InvalidInputException Damaged(string path, string what, Exception? inner = null) =>
        new($"{path}: the package is damaged: {what}. Copy or pack it again.", path, inner);

    private static NativeHeaderJson Parse(string path, byte[] json)
    {
        try
        {
            return NativeHeaderParser.Parse(json) is { Format: NativeHeaderJson.FormatName, Version: Version } header
                ? header
                : throw Damaged(path, "its header is of another format");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Damaged(path, $"its header is not what it should be: {e.Message}", e);
        }
    }

    private static ulong Checksum(ReadOnlySpan<byte> bytes)
    {
        var hash = new XxHash3();
        hash.Append(bytes[VersionAt..ChecksumAt]);
        hash.Append(bytes[PrefixBytes..]);
        return hash.GetCurrentHashAsUInt64();
    }
}
