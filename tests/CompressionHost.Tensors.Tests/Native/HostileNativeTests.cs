using System.Text;

namespace CompressionHost.Tensors.Tests;

/// <summary>Packages whose checksums are right and whose content is not.</summary>
public sealed class HostileNativeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _path;
    private readonly byte[] _original;

    public HostileNativeTests()
    {
        _path = _folder["model.chpkg"];
        var random = new Random(1);
        NativePackage.Write(_path, new CompressedModel("clip",
        [
            new("t", Samples.Quantized(random, [4, 70], 32, QuantizationScheme.Ternary)),
            new("i", Samples.Quantized(random, [2, 6], 6, Samples.Int4)),
            new("d", [3, 2], Samples.Halves(random, 6)),
            new("a", Samples.Quantized(random, [2, 5], 5, QuantizationScheme.Int4Asymmetric)),
            new("b", Samples.Quantized(random, [2, 5], 5, QuantizationScheme.Binary)),
        ], new Dictionary<string, byte[]> { ["merges.txt"] = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a b\n", 100))) }));
        _original = File.ReadAllBytes(_path);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_header_that_is_only_packed_again_is_read()
    {
        File.WriteAllBytes(_path, ForgedPackage.WithHeader(_original, ForgedPackage.Header(_original)));
        using var file = NativePackageFile.Open(_path);
        Assert.Equal(["t", "i", "d", "a", "b"], file.Read().Tensors.Select(t => t.Name));
    }

    [Theory]
    [InlineData("'t'", "\"shape\":[4,70]", "\"shape\":[4611686018427387904,4]")]
    [InlineData("'t'", "\"shape\":[4,70]", "\"shape\":[2147483647,2147483647]")]
    [InlineData("'t'", "\"shape\":[4,70]", "\"shape\":[-4,-70]")]
    [InlineData("'t'", "\"shape\":[4,70]", "\"shape\":[]")]
    [InlineData("'t'", "\"shape\":[4,70]", "\"shape\":[4,0]")]
    [InlineData("'t'", "\"shape\":[4,70]", "\"shape\":[4,300]")]
    [InlineData("'d'", "\"shape\":[3,2]", "\"shape\":[0,4611686018427387904]")]
    [InlineData("'t'", "\"group\":32", "\"group\":0")]
    [InlineData("'t'", "\"group\":32", "\"group\":71")]
    [InlineData("'t'", "\"group\":32", "\"group\":-1")]
    [InlineData("'t'", ",\"group\":32", "")]
    [InlineData("'t'", "\"storage\":\"packed2\"", "\"storage\":\"float16\"")]
    [InlineData("'t'", "\"storage\":\"packed2\"", "\"storage\":\"base9\"")]
    [InlineData("'i'", "\"storage\":\"packed4\"", "\"storage\":\"packed2\"")]
    [InlineData("'i'", "\"storage\":\"packed4\"", "\"storage\":\"packed1\"")]
    [InlineData("'i'", "\"codes\":[-7,7]", "\"codes\":[-7,8]")]
    [InlineData("'i'", "\"codes\":[-7,7]", "\"codes\":[-7,7],\"zeroPoints\":true")]
    [InlineData("'t'", "\"codes\":[-1,1]", "\"codes\":[-1,1],\"zeroPoints\":false")]
    [InlineData("'t'", "\"codes\":[-1,1]", "\"codes\":[-1,1],\"step\":1")]
    [InlineData("'t'", "\"codes\":[-1,1]", "\"codes\":[-1,1],\"step\":2")]
    [InlineData("", "\"codes\":[-1,1]", "\"codes\":[-1,1],\"zeroPoints\":1")]
    [InlineData("'a'", ",\"zeroPoints\":true", "")]
    [InlineData("'a'", "\"codes\":[0,15]", "\"codes\":[0,16]")]
    [InlineData("'a'", "\"codes\":[0,15]", "\"codes\":[-1,15]")]
    [InlineData("'b'", ",\"step\":2", "")]
    [InlineData("'b'", ",\"step\":2", ",\"step\":3")]
    [InlineData("'b'", ",\"step\":2", ",\"step\":-2")]
    [InlineData("'b'", "\"storage\":\"packed1\"", "\"storage\":\"packed2\"")]
    [InlineData("'d'", "\"storage\":\"float16\"", "\"storage\":\"float16\",\"step\":2")]
    [InlineData("'d'", "\"storage\":\"float16\"", "\"storage\":\"int8\"")]
    [InlineData("'t'", "\"codes\":[-1,1]", "\"codes\":[1,-1]")]
    [InlineData("'t'", "\"codes\":[-1,1]", "\"codes\":[-1000,1]")]
    [InlineData("'t'", "\"codes\":[-1,1]", "\"codes\":[1]")]
    [InlineData("'i'", "\"name\":\"i\"", "\"name\":\"t\"", "'t'")]
    [InlineData("", "\"name\":\"i\"", "\"name\":\"\"")]
    [InlineData("", "\"name\":\"i\"", "\"name\":null")]
    [InlineData("", "\"name\":\"i\",", "")]
    [InlineData("", "\"name\":\"i\"", "\"name\":\"i\",\"name\":\"i\"")]
    [InlineData("", "\"name\":\"i\"", "\"name\":\"\\ud800\"")]
    [InlineData("", "\"name\":\"i\"", "\"name\":\"i\",\"stride\":1")]
    [InlineData("'i'", "\"offset\":192", "\"offset\":128")]
    [InlineData("'i'", "\"offset\":192", "\"offset\":256")]
    [InlineData("'i'", "\"offset\":192", "\"offset\":-64")]
    [InlineData("'i'", "\"offset\":192", "\"offset\":9223372036854775744")]
    [InlineData("'i'", "\"length\":68", "\"length\":9223372036854775807")]
    [InlineData("'i'", "\"length\":68", "\"length\":-1")]
    [InlineData("", "\"tensors\":[", "\"tensors\":[null,")]
    [InlineData("", "\"format\":\"compressionhost-native\"", "\"format\":\"other\"")]
    [InlineData("", "\"version\":1", "\"version\":2")]
    [InlineData("'merges.txt'", "\"name\":\"merges.txt\"", "\"name\":\"../merges.txt\"", "'../merges.txt'")]
    [InlineData("'merges.txt'", "\"size\":400", "\"size\":67108864")]
    [InlineData("'merges.txt'", "\"size\":400", "\"size\":-1")]
    [InlineData("'merges.txt'", "\"storage\":\"brotli\"", "\"storage\":\"raw\"")]
    [InlineData("'merges.txt'", "\"storage\":\"brotli\"", "\"storage\":\"zip\"")]
    [InlineData("'merges.txt'", "\"storage\":\"brotli\"", "\"storage\":\"clip-vocabulary\"")]
    public void A_forged_header_is_refused(string named, string from, string to, string? namedInstead = null)
    {
        var header = ForgedPackage.Header(_original);
        var at = header.IndexOf(from, StringComparison.Ordinal);
        Assert.True(at >= 0, header);
        var forged = header[..at] + to + header[(at + from.Length)..];
        Assert.Contains(namedInstead ?? named, Refusal(ForgedPackage.WithHeader(_original, forged)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"format\":")]
    public void A_header_that_is_something_else_is_refused(string json) => Refusal(ForgedPackage.WithHeader(_original, json));

    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(16u << 20)]
    [InlineData(100u)]
    public void A_header_that_claims_another_size_is_refused(uint size) =>
        Refusal(ForgedPackage.WithHeader(_original, Encoding.UTF8.GetBytes(ForgedPackage.Header(_original)), size));

    /// <summary>16 MiB of spaces compress to a few bytes: the ratio gives a bomb away before it is decompressed.</summary>
    [Fact]
    public void A_header_that_explodes_is_refused() => Refusal(ForgedPackage.WithHeader(_original, new string(' ', 16_000_000)));

    [Fact]
    public void Values_that_no_writer_makes_are_refused()
    {
        using (var file = NativePackageFile.Open(_path))
        {
            var (ternary, int4) = (file.Find("t")!, file.Find("i")!);
            Assert.Contains("'t'", Refusal(ForgedPackage.WithByte(_original, ternary, 5, 0x03)), StringComparison.Ordinal);
            Assert.Contains("'i'", Refusal(ForgedPackage.WithByte(_original, int4, 5, 0x08)), StringComparison.Ordinal);
            Assert.Contains("not zero", Refusal(ForgedPackage.WithByte(_original, ternary, 100, 1)), StringComparison.Ordinal);
            // The upper byte of the last scale: an exponent of all ones.
            Assert.Contains("'t'", Refusal(ForgedPackage.WithByte(_original, ternary, ternary.Length - 1, 0x7C)), StringComparison.Ordinal);
            var (asymmetric, binary) = (file.Find("a")!, file.Find("b")!);
            // The last zero point, the unused half of a row's last byte, and an unused bit.
            Assert.Contains("zero point", Refusal(ForgedPackage.WithByte(_original, asymmetric, asymmetric.Length - 1, 16)), StringComparison.Ordinal);
            Assert.Contains("'a'", Refusal(ForgedPackage.WithByte(_original, asymmetric, 2, 0x10)), StringComparison.Ordinal);
            Assert.Contains("'b'", Refusal(ForgedPackage.WithByte(_original, binary, 0, 0x20)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_mutated_header_under_a_right_checksum_is_refused_or_well_formed()
    {
        var header = Encoding.UTF8.GetBytes(ForgedPackage.Header(_original));
        var refused = 0;
        for (var seed = 0; seed < 1_500; seed++)
        {
            File.WriteAllBytes(_path, ForgedPackage.WithHeader(_original, Mutations.Apply(header, seed, header.Length)));
            try
            {
                using var file = NativePackageFile.Open(_path);
                Assert.Equal(5, file.Read().Tensors.Count);
            }
            catch (InvalidInputException e)
            {
                Assert.Contains(_path, e.Message, StringComparison.Ordinal);
                refused++;
            }
        }
        // What is left is another name, of a tensor, an asset or a scheme.
        Assert.InRange(refused, 1_000, 1_499);
    }

    private string Refusal(byte[] content)
    {
        // A file of its own: the original may be mapped.
        var path = _folder["forged.chpkg"];
        File.WriteAllBytes(path, content);
        return SafetensorsFixture.Refusal(() =>
        {
            using var file = NativePackageFile.Open(path);
            file.Read();
        });
    }
}
