using System.Formats.Tar;
using System.Text;

namespace CompressionHost.Data.Tests;

/// <summary>Archives written by the .NET runtime's own tar writer, as an independent reference.</summary>
internal static class Archives
{
    public static byte[] Write(IEnumerable<(string Name, byte[] Bytes)> files, TarEntryFormat format = TarEntryFormat.Ustar)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, format, leaveOpen: true))
        {
            foreach (var (name, bytes) in files)
            {
                TarEntry entry = format switch
                {
                    TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, name),
                    TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name),
                    TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
                    _ => new PaxTarEntry(TarEntryType.RegularFile, name),
                };
                entry.DataStream = new MemoryStream(bytes);
                writer.WriteEntry(entry);
            }
        }
        return stream.ToArray();
    }

    public static byte[] Write(params (string Name, string Text)[] files) => Write(files.Select(f => (f.Name, Encoding.UTF8.GetBytes(f.Text))));

    /// <summary>Writes text into the header at an offset and mends the checksum, so that only the change is wrong.</summary>
    public static byte[] Patch(byte[] archive, int header, int field, ReadOnlySpan<byte> value)
    {
        var patched = archive.ToArray();
        value.CopyTo(patched.AsSpan(header + field));
        patched.AsSpan(header + 148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var b in patched.AsSpan(header, 512))
            sum += b;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(patched, header + 148);
        return patched;
    }
}
