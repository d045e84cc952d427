using System.Text;
using FsCheck.Xunit;

namespace CompressionHost.Tensors.Tests;

public sealed class NativePackageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Property(MaxTest = 100)]
    public void What_is_read_is_what_was_written(int seed)
    {
        var model = Samples.Model(seed);
        Samples.AssertEqual(model, Read(Write(model)));
    }

    [Fact]
    public void A_model_without_anything_is_a_package()
    {
        var model = new CompressedModel("clip", [], new Dictionary<string, byte[]>());
        Samples.AssertEqual(model, Read(Write(model)));
    }

    [Fact]
    public void The_same_model_gives_the_same_bytes() =>
        Assert.Equal(File.ReadAllBytes(Write(Samples.Model(5), "a.chpkg")), File.ReadAllBytes(Write(Samples.Model(5), "b.chpkg")));

    [Fact]
    public void Sections_are_aligned_and_readable_in_place()
    {
        var model = Samples.Model(7);
        using var file = NativePackageFile.Open(Write(model));
        Assert.Equal(NativePackage.FormatVersion, file.Version);
        foreach (var (tensor, entry) in model.Tensors.Zip(file.Tensors))
        {
            Assert.Equal(0, entry.Offset % 64);
            if (tensor.Quantized is not { } q)
            {
                Assert.Equal("float16", entry.Storage);
                Assert.Equal(tensor.Dense, file.Dense(entry).ToArray());
                Assert.Throws<ArgumentException>(() => file.Codes(entry).Length);
                continue;
            }
            Assert.Equal((q.Rows, q.RowLength, q.GroupsPerRow), (entry.Rows, entry.RowLength, entry.GroupsPerRow));
            Assert.Equal(q.Scales, file.Scales(entry).ToArray());
            Assert.Equal(q.ZeroPoints ?? [], file.ZeroPoints(entry).ToArray());
            Assert.Equal(q.Scheme.Levels switch { 2 => "packed1", 3 => "packed2", <= 16 => "packed4", _ => "int8" }, entry.Storage);
            if (entry.Storage == "packed2")
            {
                var codes = new sbyte[q.Count];
                Assert.True(PackedTernary.TryUnpack(file.Codes(entry), q.RowLength, codes));
                Assert.Equal(q.Codes, codes);
            }
        }
        Assert.Null(file.Find("no.such"));
        Assert.Same(file.Tensors[1], file.Find(file.Tensors[1].Name));
    }

    [Property(MaxTest = 50)]
    public void The_estimate_is_within_two_percent(int seed)
    {
        var model = Samples.Model(seed);
        var estimate = NativePackage.EstimateBytes(
            [.. model.Tensors.Select(t => (t.Name, t.Shape, t.Quantized?.Scheme, t.Quantized?.GroupSize ?? 0))], model.Assets);
        var actual = new FileInfo(Write(model)).Length;
        Assert.InRange(estimate, actual * 0.98, actual * 1.02);
    }

    [Fact]
    public void A_vocabulary_that_follows_from_the_merges_takes_no_bytes_and_comes_back_exactly()
    {
        var (vocabulary, merges) = Tokenizer(extra: "");
        var with = Model(("vocab.json", vocabulary), ("merges.txt", merges));
        var without = Model(("merges.txt", merges));
        Samples.AssertEqual(with, Read(Write(with, "with.chpkg")));
        Assert.InRange(Length("with.chpkg") - Length(Path.GetFileName(Write(without, "without.chpkg"))), 0, 128);
    }

    [Theory]
    [InlineData(",\"<extra>\":514")]
    [InlineData(" ")]
    public void Any_other_vocabulary_is_kept_as_it_is(string extra)
    {
        var (vocabulary, merges) = Tokenizer(extra);
        var model = Model(("vocab.json", vocabulary), ("merges.txt", merges));
        Samples.AssertEqual(model, Read(Write(model)));
        var alone = Model(("vocab.json", vocabulary));
        Samples.AssertEqual(alone, Read(Write(alone)));
    }

    [Fact]
    public void An_asset_that_compresses_beyond_reason_is_kept_too()
    {
        var model = Model(("zeros.bin", new byte[5_000_000]));
        Samples.AssertEqual(model, Read(Write(model)));
    }

    [Theory]
    [InlineData("../config.json")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("C:x")]
    [InlineData("")]
    public void An_asset_must_be_a_plain_file_name(string name) => Assert.Throws<ArgumentException>(() => Write(Model((name, [1]))));

    [Fact]
    public void A_name_may_occur_once()
    {
        var tensor = new CompressedTensor("a", [1], [Half.One]);
        Assert.Throws<ArgumentException>(() => Write(new CompressedModel("clip", [tensor, tensor], new Dictionary<string, byte[]>())));
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_file_and_nothing_else()
    {
        var path = Write(Samples.Model(1));
        var before = File.ReadAllBytes(path);
        Assert.Throws<OperationCanceledException>(() => NativePackage.Write(path, Samples.Model(2), new CancellationToken(canceled: true)));
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, s =>
        {
            s.WriteByte(1);
            throw new InvalidOperationException();
        }));
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_package_is_found_by_file_and_by_folder()
    {
        Assert.Null(NativePackage.Find(_folder.Path));
        var other = Write(Samples.Model(1), "other.chpkg");
        Assert.Equal(other, NativePackage.Find(_folder.Path));
        var third = Write(Samples.Model(1), "third.chpkg");
        var e = Assert.Throws<InvalidInputException>(() => NativePackage.Find(_folder.Path));
        Assert.Contains("third.chpkg", e.Message, StringComparison.Ordinal);
        Assert.Equal(third, NativePackage.Find(third));
        var standard = Write(Samples.Model(1));
        Assert.Equal(standard, NativePackage.Find(_folder.Path));
    }

    private static CompressedModel Model(params (string Name, byte[] Content)[] assets) => new("clip", [], assets.ToDictionary(a => a.Name, a => a.Content));

    // The rule, written out once more: byte symbols in CLIP's order, with and without the end-of-word mark, merges, two special tokens.
    private static (byte[] Vocabulary, byte[] Merges) Tokenizer(string extra)
    {
        var visible = new[] { ('!', '~'), ('\u00a1', '\u00ac'), ('\u00ae', '\u00ff') }.SelectMany(r => Enumerable.Range(r.Item1, r.Item2 - r.Item1 + 1)).ToList();
        var symbols = visible.Concat(Enumerable.Range(0, 256).Except(visible).Select((_, i) => 256 + i)).Select(c => ((char)c).ToString()).ToList();
        string[] merges = ["z q", "\" \\</w>", "\u0121 zq", "# version</w>"];
        var tokens = symbols.Concat(symbols.Select(s => s + "</w>")).Concat(merges.Select(m => m.Replace(" ", "", StringComparison.Ordinal)))
            .Concat(["<|startoftext|>", "<|endoftext|>"]);
        var entries = tokens.Select((t, i) => $"\"{t.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\":{i}");
        return (Encoding.UTF8.GetBytes("{" + string.Join(",", entries) + extra + "}"), Encoding.UTF8.GetBytes("#version: 0.2\n" + string.Join("\n", merges) + "\n"));
    }

    private long Length(string name) => new FileInfo(_folder[name]).Length;

    private string Write(CompressedModel model, string name = "model.chpkg")
    {
        var path = _folder[name];
        NativePackage.Write(path, model);
        return path;
    }

    private static CompressedModel Read(string path)
    {
        using var file = NativePackageFile.Open(path);
        return file.Read();
    }
}
