using CompressionHost.Abstractions;
using FsCheck.Xunit;

namespace CompressionHost.Models.Tests;

public sealed class ElfVersionNeedsTests
{
    private static readonly byte[] Sample = ElfBuilder.Build(
        ("GLIBCXX_3.4.30", ["_ZNSt6thread"]), ("GLIBCXX_3.4.32", [TorchLibraryCopy.Marker]), ("GLIBCXX_3.4.3", ["a", "b"]));

    [Fact]
    public void A_need_is_found_with_the_symbols_behind_it()
    {
        Assert.Equal([TorchLibraryCopy.Marker], Assert.Single(ElfVersionNeeds.Find(Sample, "GLIBCXX_3.4.32")).Symbols);
        // A version that begins like another is another.
        Assert.Equal(["a", "b"], Assert.Single(ElfVersionNeeds.Find(Sample, "GLIBCXX_3.4.3")).Symbols);
        Assert.Empty(ElfVersionNeeds.Find(Sample, "GLIBCXX_3.4"));
    }

    [Fact]
    public void Weakening_sets_one_bit_of_that_need_only()
    {
        var image = Sample.ToArray();
        var need = ElfVersionNeeds.Find(image, "GLIBCXX_3.4.32")[0];
        ElfVersionNeeds.Weaken(image, need);
        var changed = Enumerable.Range(0, image.Length).Where(i => image[i] != Sample[i]).ToArray();
        Assert.Equal([(int)need.FlagsOffset], changed);
        Assert.Equal(2, image[changed[0]] ^ Sample[changed[0]]);
        Assert.Equal(need.FlagsOffset, ElfVersionNeeds.Find(image, "GLIBCXX_3.4.32")[0].FlagsOffset);
    }

    [Theory]
    [InlineData(0, (byte)0, "not an ELF")]
    [InlineData(4, (byte)1, "64-bit")]
    [InlineData(5, (byte)2, "little-endian")]
    [InlineData(0x3C, (byte)0, "no section headers")]
    [InlineData(0x2F, (byte)0x80, "outside the file")]
    [InlineData(0x3C, (byte)200, "outside the file")]
    public void Other_files_are_refused_by_reason(int offset, byte value, string reason)
    {
        var image = Sample.ToArray();
        image[offset] = value;
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.Find(image, "GLIBCXX_3.4.32")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        for (var length = 0; length < Sample.Length; length++)
            Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.Find(Sample.AsSpan(0, length), "GLIBCXX_3.4.32"));
    }

    [Fact]
    public void No_changed_byte_leads_outside_the_file()
    {
        foreach (var value in (byte[])[0x00, 0x01, 0x7f, 0x80, 0xff])
        {
            for (var i = 0; i < Sample.Length; i++)
            {
                var image = Sample.ToArray();
                image[i] = value;
                FindOrRefuse(image);
            }
        }
    }

    [Property(MaxTest = 2000)]
    public void Nor_do_several(int seed)
    {
        var random = new Random(seed);
        var image = Sample.ToArray();
        for (var i = random.Next(1, 12); i > 0; i--)
            image[random.Next(7, image.Length)] = (byte)random.Next(256);
        FindOrRefuse(image);
    }

    private static void FindOrRefuse(byte[] image)
    {
        try
        {
            foreach (var need in ElfVersionNeeds.Find(image, "GLIBCXX_3.4.32"))
                ElfVersionNeeds.Weaken(image, need);
        }
        catch (Exception e) when (e is InvalidDataException or OverflowException)
        {
            // Refused, as a damaged file should be; anything else fails the test.
        }
    }
}
