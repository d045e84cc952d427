using System.Buffers.Binary;
using System.Text;

namespace CompressionHost.Abstractions;

/// <summary>
/// Reads and edits which symbol versions a 64-bit little-endian ELF library needs of other libraries (section
/// <c>.gnu.version_r</c>; layout in the Linux Standard Base, "Symbol Versioning"). The file is untrusted: every offset is checked
/// against its size before use, and lists are walked no further than their stated count.
/// </summary>
internal static class ElfVersionNeeds
{
    private const uint SectionDynamicSymbols = 11;
    private const uint SectionVersionNeeds = 0x6ffffffe;
    private const uint SectionSymbolVersions = 0x6fffffff;
    private const ushort FlagWeak = 2;
    private const ushort HiddenBit = 0x8000;
    private const int HeaderSize = 64;
    private const int SectionHeaderSize = 64;
    private const int SymbolSize = 24;

    /// <summary>Finds the needs of one version.</summary>
    /// <param name="image">The whole file.</param>
    /// <param name="version">Such as <c>GLIBCXX_3.4.32</c>.</param>
    /// <returns>Where the file asks for it, and which symbols are bound to it; empty where it does not.</returns>
    /// <exception cref="InvalidDataException">It is not such a file, or an offset points outside it.</exception>
    public static IReadOnlyList<VersionNeed> Find(ReadOnlySpan<byte> image, string version)
    {
        ArgumentException.ThrowIfNullOrEmpty(version);
        if (image.Length < HeaderSize || !image.StartsWith("\x7f"u8) || !image[1..].StartsWith("ELF"u8))
            throw new InvalidDataException("not an ELF file");
        if (image[4] != 2 || image[5] != 1)
            throw new InvalidDataException("not a 64-bit little-endian ELF file");
        var sections = Sections(image);
        var wanted = Encoding.ASCII.GetBytes(version + "\0");
        var found = new List<VersionNeed>();
        foreach (var section in sections.Where(s => s.Type == SectionVersionNeeds))
        {
            var strings = Linked(sections, section);
            Visit(image, section, strings, wanted, found, sections);
        }
        return found;
    }

    /// <summary>Marks a need weak, so that a loader that lacks the version goes on.</summary>
    /// <param name="image">The whole file; changed in place.</param>
    /// <param name="need">What <see cref="Find"/> gave for these bytes.</param>
    public static void Weaken(Span<byte> image, VersionNeed need)
    {
        ArgumentNullException.ThrowIfNull(need);
        var flags = Slice(image, need.FlagsOffset, sizeof(ushort));
        var old = BinaryPrimitives.ReadUInt16LittleEndian(flags);
        BinaryPrimitives.WriteUInt16LittleEndian(image.Slice((int)need.FlagsOffset, sizeof(ushort)), (ushort)(old | FlagWeak));
    }

    private static Section[] Sections(ReadOnlySpan<byte> image)
    {
        var start = U64(image, 0x28);
        var size = U16(image, 0x3A);
        var count = U16(image, 0x3C);
        if (count == 0 || size < SectionHeaderSize)
            throw new InvalidDataException("it has no section headers");
        Slice(image, start, (ulong)size * count);
        var sections = new Section[count];
        for (var i = 0; i < count; i++)
        {
            var at = start + (ulong)(i * size);
            sections[i] = new Section(U32(image, at + 4), U64(image, at + 24), U64(image, at + 32), U32(image, at + 40), U32(image, at + 44));
        }
        return sections;
    }

    private static void Visit(
        ReadOnlySpan<byte> image, Section section, Section strings, ReadOnlySpan<byte> wanted, List<VersionNeed> found, Section[] sections)
    {
        Slice(image, section.Offset, section.Size);
        var library = section.Offset;
        for (var i = 0u; i < section.Info; i++)
        {
            Inside(section, library, 16);
            var versions = U16(image, library + 2);
            var need = checked(library + U32(image, library + 8));
            for (var j = 0; j < versions; j++)
            {
                Inside(section, need, 16);
                if (TextEquals(image, strings, U32(image, need + 8), wanted))
                    found.Add(new VersionNeed(need + 4, BoundSymbols(image, sections, U16(image, need + 6))));
                var next = U32(image, need + 12);
                if (next == 0)
                    break;
                need = checked(need + next);
            }
            var step = U32(image, library + 12);
            if (step == 0)
                break;
            library = checked(library + step);
        }
    }

    private static List<string> BoundSymbols(ReadOnlySpan<byte> image, Section[] sections, ushort versionIndex)
    {
        var names = new List<string>();
        foreach (var versions in sections.Where(s => s.Type == SectionSymbolVersions))
        {
            var symbols = Linked(sections, versions);
            if (symbols.Type != SectionDynamicSymbols)
                throw new InvalidDataException("the symbol versions do not belong to the dynamic symbols");
            var strings = Linked(sections, symbols);
            var index = Slice(image, versions.Offset, versions.Size);
            Slice(image, symbols.Offset, checked((ulong)(index.Length / sizeof(ushort)) * SymbolSize));
            for (var i = 0; i < index.Length / sizeof(ushort); i++)
            {
                if ((BinaryPrimitives.ReadUInt16LittleEndian(index[(i * sizeof(ushort))..]) & ~HiddenBit) == versionIndex)
                    names.Add(Text(image, strings, U32(image, symbols.Offset + (ulong)i * SymbolSize)));
            }
        }
        return names;
    }

    private static Section Linked(Section[] sections, Section from) =>
        from.Link < sections.Length ? sections[from.Link] : throw new InvalidDataException("a section links to one that does not exist");

    private static bool TextEquals(ReadOnlySpan<byte> image, Section strings, uint offset, ReadOnlySpan<byte> wanted)
    {
        var table = Slice(image, strings.Offset, strings.Size);
        return offset < table.Length ? table[(int)offset..].StartsWith(wanted) : throw new InvalidDataException("a name lies outside its table");
    }

    private static string Text(ReadOnlySpan<byte> image, Section strings, uint offset)
    {
        var table = Slice(image, strings.Offset, strings.Size);
        if (offset >= table.Length)
            throw new InvalidDataException("a name lies outside its table");
        var text = table[(int)offset..];
        var end = text.IndexOf((byte)0);
        return end < 0 ? throw new InvalidDataException("a name has no end") : Encoding.Latin1.GetString(text[..end]);
    }

    private static void Inside(Section section, ulong at, ulong length)
    {
        if (at < section.Offset || at - section.Offset > section.Size || length > section.Size - (at - section.Offset))
            throw new InvalidDataException("a version entry lies outside its section");
    }

    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> image, ulong offset, ulong length)
    {
        if (offset > (ulong)image.Length || length > (ulong)image.Length - offset)
            throw new InvalidDataException("an offset lies outside the file");
        return image.Slice((int)offset, (int)length);
    }

    private static ushort U16(ReadOnlySpan<byte> image, ulong at) => BinaryPrimitives.ReadUInt16LittleEndian(Slice(image, at, sizeof(ushort)));

    private static uint U32(ReadOnlySpan<byte> image, ulong at) => BinaryPrimitives.ReadUInt32LittleEndian(Slice(image, at, sizeof(uint)));

    private static ulong U64(ReadOnlySpan<byte> image, ulong at) => BinaryPrimitives.ReadUInt64LittleEndian(Slice(image, at, sizeof(ulong)));

    private readonly record struct Section(uint Type, ulong Offset, ulong Size, uint Link, uint Info);
}

/// <summary>A place where a library asks for a version of another library's symbols.</summary>
/// <param name="FlagsOffset">Offset of the entry's flags in the file.</param>
/// <param name="Symbols">The symbols that are bound to the version.</param>
internal sealed record VersionNeed(ulong FlagsOffset, IReadOnlyList<string> Symbols);
