using System.Formats.Tar;
using System.Text;
using CompressionHost.Plugins.Data;
using CompressionHost.Tensors;
using TarEntry = CompressionHost.Plugins.Data.TarEntry;

namespace CompressionHost.Data.Tests;

public sealed class TarIndexTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(TarEntryFormat.V7, 80)]
    [InlineData(TarEntryFormat.Ustar, 90)]
    [InlineData(TarEntryFormat.Ustar, 200)]
    [InlineData(TarEntryFormat.Pax, 300)]
    [InlineData(TarEntryFormat.Gnu, 300)]
    [InlineData(TarEntryFormat.Gnu, 5000)]
    public void Finds_what_the_runtimes_own_writer_wrote(TarEntryFormat format, int nameLength)
    {
        var random = new Random(nameLength);
        var files = Enumerable.Range(0, 40).Select(i =>
        {
            var bytes = new byte[random.Next(0, 40) is 0 ? 0 : random.Next(1, 40_000)];
            random.NextBytes(bytes);
            return (Name: LongName(i, nameLength), Bytes: bytes);
        }).ToArray();
        var archive = Archives.Write(files, format);

        var entries = Index(archive);

        Assert.Equal(files.Select(f => f.Name), entries.Select(e => e.Name));
        foreach (var (file, entry) in files.Zip(entries))
            Assert.Equal(file.Bytes, archive.AsSpan((int)entry.Offset, (int)entry.Length).ToArray());
    }

    [Fact]
    public void Leaves_out_folders_and_reads_names_that_are_not_ASCII()
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "images/"));
            writer.WriteEntry(new PaxGlobalExtendedAttributesTarEntry(new Dictionary<string, string> { ["comment"] = "made by a test" }));
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "images/müll-猫.txt") { DataStream = new MemoryStream([1, 2, 3]) });
        }
        Assert.Equal(["images/müll-猫.txt"], Index(stream.ToArray()).Select(e => e.Name));
    }

    [Fact]
    public void Reads_GNU_binary_sizes()
    {
        var archive = Archives.Write(("a.txt", "hello"));
        var patched = Archives.Patch(archive, 0, 124, [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5]);
        Assert.Equal(new TarEntry("a.txt", 512, 5), Assert.Single(Index(patched)));
    }

    public static TheoryData<string, string> SizeFields => new()
    {
        { "00000010000\0", "claims 4096 bytes where 1536 are left" },
        { "77777777777\0", "claims 8589934591 bytes" },
        { "0000000000x\0", "size is not an octal number" },
        { "-0000000001\0", "size is not an octal number" },
        { "00000 00005\0", "size is not an octal number" },
        { "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff", "size is negative" },
        { "\u0080\0\0\0\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff", "does not fit 63 bits" },
        { "\u0080\0\0\u0001\0\0\0\0\0\0\0\u0005", "does not fit 63 bits" },
        { "\u0080\0\0\0\u007f\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff", "claims 9223372036854775807 bytes" },
    };

    [Theory]
    [MemberData(nameof(SizeFields))]
    public void Refuses_a_hostile_size(string field, string message)
    {
        var archive = Archives.Write(("a.txt", "hello"));
        Refuses(Archives.Patch(archive, 0, 124, Encoding.Latin1.GetBytes(field)), "offset 0", message);
    }

    [Fact]
    public void Refuses_a_wrong_checksum_at_its_offset()
    {
        var archive = Archives.Write(("a.txt", "hello"), ("b.txt", "world"));
        archive[1024] ^= 1;
        Refuses(archive, "offset 1024", "checksum");
    }

    [Fact]
    public void Refuses_an_archive_cut_anywhere_before_its_end_block()
    {
        var archive = Archives.Write(("a.txt", "hello"), ("b.txt", new string('b', 700)));
        const int End = 512 + 512 + 512 + 1024;
        Assert.Equal(2, Index(archive[..(End + 512)]).Count);
        for (var length = 0; length < End + 512; length += 61)
        {
            var error = Assert.Throws<InvalidInputException>(() => Index(archive[..length]));
            Assert.Contains("truncated", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Refuses_archives_joined_by_cat()
    {
        var archive = Archives.Write(("a.txt", "hello"));
        Refuses([.. archive, .. archive], $"offset {archive.Length}", "joined with cat");
    }

    [Theory]
    [InlineData('1')]
    [InlineData('2')]
    [InlineData('3')]
    [InlineData('S')]
    [InlineData('\u0001')]
    public void Refuses_links_devices_and_sparse_files(char type) =>
        Refuses(Archives.Patch(Archives.Write(("a.jpg", "hello")), 0, 156, [(byte)type]), "offset 0", "'a.jpg' is of type");

    [Theory]
    [InlineData("8 path=x\n", "wrong length")]
    [InlineData("99 path=x\n", "wrong length")]
    [InlineData("-1 path=x\n", "wrong length")]
    [InlineData("99999999999999999999 path=x\n", "wrong length")]
    [InlineData("0 path=x\n", "wrong length")]
    [InlineData("7 path\n", "without a key")]
    [InlineData("11 size=-1\n", "not a decimal number")]
    [InlineData("17 size=99999999\n", "claims 99999999 bytes")]
    [InlineData("22 GNU.sparse.major=1\n", "sparse")]
    [InlineData("10 path=x\n", "not followed by its entry", false)]
    public void Refuses_a_malformed_pax_header(string record, string message, bool withEntry = true)
    {
        var header = Archives.Patch(Archives.Write(("pax", record)), 0, 156, "x"u8)[..1024];
        Refuses([.. header, .. withEntry ? Archives.Write(("a.txt", "hello")) : new byte[1024]], "offset", message);
    }

    [Fact]
    public void Refuses_a_long_name_of_gigabytes_without_allocating_it()
    {
        var archive = Archives.Patch(Archives.Write(("n", new string('x', 2_000_000))), 0, 156, "L"u8);
        Refuses(archive, "offset 0", "at most");
    }

    [Fact]
    public void A_thousand_damaged_archives_are_read_or_refused()
    {
        var files = Enumerable.Range(0, 6).Select(i => (LongName(i, 150), new byte[100 * i])).ToArray();
        byte[][] seeds = [Archives.Write(files), Archives.Write(files, TarEntryFormat.Pax), Archives.Write(files, TarEntryFormat.Gnu)];
        var random = new Random(20251);
        var refused = 0;
        for (var run = 0; run < 1000; run++)
        {
            var archive = Mutate(seeds[run % seeds.Length].ToArray(), random);
            try
            {
                foreach (var entry in Index(archive))
                    Assert.True(entry.Offset >= 512 && entry.Length >= 0 && entry.Offset + entry.Length <= archive.Length);
            }
            catch (InvalidInputException e)
            {
                refused++;
                Assert.Contains("shard.tar, offset ", e.Message, StringComparison.Ordinal);
            }
        }
        Assert.InRange(refused, 200, 1000);
    }

    private static byte[] Mutate(byte[] archive, Random random)
    {
        if (random.Next(8) == 0)
            return archive[..random.Next(archive.Length)];
        // Half of the changes mend the checksum, so that what lies behind it is reached too.
        var header = random.Next(archive.Length / 512) * 512;
        if (random.Next(2) == 0)
        {
            int[] fields = [0, 100, 124, 124, 136, 156, 156, 257, 345];
            var value = new byte[random.Next(1, 12)];
            random.NextBytes(value);
            return Archives.Patch(archive, header, fields[random.Next(fields.Length)], value);
        }
        for (var i = random.Next(1, 20); i > 0; i--)
            archive[random.Next(archive.Length)] = (byte)random.Next(256);
        return archive;
    }

    private static string LongName(int i, int length)
    {
        // ustar can split a long name only at a slash.
        var name = $"{i:d4}.bin";
        while (name.Length + 51 <= length)
            name = new string('d', 50) + "/" + name;
        return new string('e', Math.Max(0, length - name.Length - 1)) + (length > name.Length ? "/" : "") + name;
    }

    private List<TarEntry> Index(byte[] archive)
    {
        var path = _folder.Write("shard.tar", archive);
        using var handle = Shard.OpenHandle(path);
        return TarIndex.Read(new FileWindow(handle), path, TestContext.Current.CancellationToken);
    }

    private void Refuses(byte[] archive, params string[] parts)
    {
        var error = Assert.Throws<InvalidInputException>(() => Index(archive));
        Assert.Equal(_folder["shard.tar"], error.Path);
        Assert.Contains(_folder["shard.tar"], error.Message, StringComparison.Ordinal);
        foreach (var part in parts)
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }
}
