using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace CompressionHost.Tensors.Tests;

/// <summary>
/// Changes a package's header and makes its checksum right again, as an attacker would. Written from the format's description, not with the writer's code.
/// </summary>
internal static class ForgedPackage
{
    private const int Prefix = 32;

    public static string Header(byte[] package)
    {
        var stored = BinaryPrimitives.ReadInt32LittleEndian(package.AsSpan(12));
        var json = new byte[BinaryPrimitives.ReadInt32LittleEndian(package.AsSpan(16))];
        Assert.True(BrotliDecoder.TryDecompress(package.AsSpan(Prefix, stored), json, out var written));
        Assert.Equal(json.Length, written);
        return Encoding.UTF8.GetString(json);
    }

    public static byte[] WithHeader(byte[] package, byte[] json, uint? claimedSize = null)
    {
        var data = package.AsSpan(Align(Prefix + BinaryPrimitives.ReadInt32LittleEndian(package.AsSpan(12))));
        var buffer = new byte[Align(Prefix + BrotliEncoder.GetMaxCompressedLength(json.Length))];
        Assert.True(BrotliEncoder.TryCompress(json, buffer.AsSpan(Prefix), out var stored, 5, 22));
        package.AsSpan(0, 12).CopyTo(buffer);
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(12), stored);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.AsSpan(16), claimedSize ?? (uint)json.Length);
        var hash = new XxHash3();
        hash.Append(buffer.AsSpan(8, 16));
        hash.Append(buffer.AsSpan(Prefix, stored));
        BinaryPrimitives.WriteUInt64LittleEndian(buffer.AsSpan(24), hash.GetCurrentHashAsUInt64());
        return [.. buffer.AsSpan(0, Align(Prefix + stored)), .. data];
    }

    public static byte[] WithHeader(byte[] package, string json) => WithHeader(package, Encoding.UTF8.GetBytes(json));

    /// <summary>Changes a byte of a section and the section's checksum with it.</summary>
    public static byte[] WithByte(byte[] package, NativeTensorEntry entry, long at, byte value)
    {
        var changed = (byte[])package.Clone();
        changed[entry.Offset + at] = value;
        var checksum = XxHash3.HashToUInt64(changed.AsSpan((int)entry.Offset, (int)entry.Length));
        return WithHeader(changed, Header(changed).Replace(Hex(entry.Checksum), Hex(checksum), StringComparison.Ordinal));
    }

    private static string Hex(ulong value) => value.ToString("x16", CultureInfo.InvariantCulture);

    private static int Align(int offset) => (offset + 63) & ~63;
}
