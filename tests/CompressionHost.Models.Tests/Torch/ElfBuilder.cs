using System.Buffers.Binary;
using System.Text;

namespace CompressionHost.Models.Tests;

/// <summary>Builds the smallest library that says which symbol versions it needs.</summary>
internal static class ElfBuilder
{
    private const int Header = 64;

    /// <param name="needs">Version and the symbols bound to it, in order; all of one library.</param>
    public static byte[] Build(params (string Version, string[] Symbols)[] needs)
    {
        var names = new List<byte> { 0 };
        var library = Add("libstdc++.so.6");
        var versions = needs.Select(n => Add(n.Version)).ToArray();
        // The first symbol is empty; index 1 of the versions means "no version".
        var symbols = new List<(int Name, ushort Version)> { (0, 0), (Add("local_function"), 1) };
        for (var i = 0; i < needs.Length; i++)
            symbols.AddRange(needs[i].Symbols.Select(s => (Add(s), (ushort)(i + 2))));

        var dynsym = new byte[24 * symbols.Count];
        var versym = new byte[2 * symbols.Count];
        for (var i = 0; i < symbols.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(dynsym.AsSpan(24 * i), symbols[i].Name);
            BinaryPrimitives.WriteUInt16LittleEndian(versym.AsSpan(2 * i), symbols[i].Version);
        }
        var verneed = new byte[16 + 16 * needs.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(verneed, 1);
        BinaryPrimitives.WriteUInt16LittleEndian(verneed.AsSpan(2), (ushort)needs.Length);
        BinaryPrimitives.WriteInt32LittleEndian(verneed.AsSpan(4), library);
        BinaryPrimitives.WriteInt32LittleEndian(verneed.AsSpan(8), 16);
        for (var i = 0; i < needs.Length; i++)
        {
            var at = verneed.AsSpan(16 + 16 * i);
            BinaryPrimitives.WriteUInt16LittleEndian(at[6..], (ushort)(i + 2));
            BinaryPrimitives.WriteInt32LittleEndian(at[8..], versions[i]);
            BinaryPrimitives.WriteInt32LittleEndian(at[12..], i + 1 < needs.Length ? 16 : 0);
        }
        return Assemble(
        [
            (0, [], 0, 0),
            (3, [.. names], 0, 0),
            (11, dynsym, 1, 0),
            (0x6fffffff, versym, 2, 0),
            (0x6ffffffe, verneed, 1, 1),
        ]);

        int Add(string text)
        {
            names.AddRange([.. Encoding.ASCII.GetBytes(text), 0]);
            return names.Count - text.Length - 1;
        }
    }

    private static byte[] Assemble((uint Type, byte[] Content, int Link, int Info)[] sections)
    {
        var file = new List<byte>(new byte[Header]);
        var offsets = new List<int>();
        foreach (var section in sections)
        {
            offsets.Add(file.Count);
            file.AddRange(section.Content);
        }
        var table = file.Count;
        for (var i = 0; i < sections.Length; i++)
        {
            var entry = new byte[64];
            BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(4), sections[i].Type);
            BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(24), offsets[i]);
            BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(32), sections[i].Content.Length);
            BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(40), sections[i].Link);
            BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(44), sections[i].Info);
            file.AddRange(entry);
        }
        byte[] image = [.. file];
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(image);
        BinaryPrimitives.WriteInt64LittleEndian(image.AsSpan(0x28), table);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x3A), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x3C), (ushort)sections.Length);
        return image;
    }
}
