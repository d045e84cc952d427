namespace CompressionHost.Tensors.Tests;

public sealed class GgufFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _path;

    public GgufFileTests() => _path = _folder["model.gguf"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Another_reader_finds_what_was_written()
    {
        var plain = new PlainGguf(GgufSample.Write(_path));
        Assert.Equal("clip", plain.Metadata["general.architecture"]);
        Assert.Equal(224u, plain.Metadata["size"]);
        Assert.Equal(1e-5f, plain.Metadata["epsilon"]);
        Assert.Equal((true, false), ((bool)plain.Metadata["yes"], (bool)plain.Metadata["no"]));
        Assert.Equal(new object[] { 0.5f, 0.25f, 1f }, plain.Metadata["mean"]);
        Assert.Equal(new object[] { "wörd0</w>", "wörd1</w>", "wörd2</w>" }, plain.Metadata["tokens"]);
        Assert.Equal(Array.Empty<object>(), plain.Metadata["nothing"]);
        Assert.Equal(GgufSample.Headings.Select(h => h.Name), plain.Tensors.Keys);
        var data = GgufSample.Data(1);
        foreach (var (heading, bytes) in GgufSample.Headings.Zip(data))
        {
            Assert.Equal((int)heading.Type, plain.Tensors[heading.Name].Type);
            Assert.Equal(heading.Shape.Reverse(), plain.Tensors[heading.Name].Sizes);
            var values = new float[heading.Shape.Aggregate(1L, (a, d) => a * d)];
            Assert.Equal(PlainGguf.Decode((int)heading.Type, bytes, values.Length), plain.Values(heading.Name));
        }
    }

    [Fact]
    public void The_library_finds_what_was_written()
    {
        var bytes = GgufSample.Write(_path);
        using var file = GgufFile.Open(_path);
        Assert.Equal((3, 32, (long)bytes.Length, _path), (file.Version, file.Alignment, file.FileBytes, file.Path));
        Assert.Equal("clip", file.GetString("general.architecture"));
        Assert.Equal(224, file.GetNumber("size"));
        Assert.Equal(1e-5f, (float)file.GetNumber("epsilon")!);
        Assert.Equal((true, false), (file.GetBoolean("yes"), file.GetBoolean("no")));
        Assert.Equal([0.5, 0.25, 1], file.GetNumbers("mean"));
        Assert.Equal(["wörd0</w>", "wörd1</w>", "wörd2</w>"], file.GetStrings("tokens"));
        Assert.Empty(file.GetStrings("nothing")!);
        Assert.Null(file.GetString("absent"));
        Assert.Equal(["general.architecture", "size", "epsilon", "yes", "no", "mean", "tokens", "nothing"], file.Keys);
        Assert.Equal(GgufSample.Headings, file.Tensors.Select(t => new GgufHeading(t.Name, t.Type, t.Shape)), (a, b) =>
            a.Name == b.Name && a.Type == b.Type && a.Shape.SequenceEqual(b.Shape));
        var plain = new PlainGguf(bytes);
        foreach (var (entry, data) in file.Tensors.Zip(GgufSample.Data(1)))
        {
            Assert.Equal(data, file.Bytes(entry));
            Assert.Same(entry, file.Find(entry.Name));
            var values = new float[entry.Count];
            file.ReadFloat32(entry, values);
            Assert.Equal(plain.Values(entry.Name), values);
        }
    }

    [Fact]
    public void A_value_of_another_type_is_refused_by_its_key()
    {
        GgufSample.Write(_path);
        using var file = GgufFile.Open(_path);
        Action[] wrong =
        [
            () => file.GetString("size"), () => file.GetNumber("yes"), () => file.GetBoolean("size"), () => file.GetNumbers("tokens"),
            () => file.GetStrings("mean"), () => file.GetNumber("mean"), () => file.GetStrings("general.architecture"),
        ];
        foreach (var read in wrong)
            Assert.Contains(_path, Assert.Throws<InvalidInputException>(read).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_size_is_known_and_the_bytes_repeat()
    {
        var first = GgufSample.Write(_path);
        Assert.Equal(first.Length, GgufWriter.FileBytes(GgufSample.Metadata(), GgufSample.Headings));
        Assert.Equal(first, GgufSample.Write(_folder["again.gguf"]));
    }

    [Fact]
    public void A_file_without_tensors_is_read()
    {
        GgufWriter.Write(_path, new GgufMetadata(), [], (_, _) => Assert.Fail("There is no tensor."));
        using (var file = GgufFile.Open(_path))
            Assert.Empty(file.Tensors);
        // Other writers leave the padding out.
        File.WriteAllBytes(_path, File.ReadAllBytes(_path)[..24]);
        using (var file = GgufFile.Open(_path))
            Assert.Empty(file.Keys);
    }

    [Fact]
    public void What_cannot_be_written_leaves_nothing()
    {
        GgufHeading[][] wrong =
        [
            [new("", GgufType.F32, [1])],
            [new(new string('n', 64), GgufType.F32, [1])],
            [new("a", GgufType.F32, [1]), new("a", GgufType.F32, [1])],
            [new("a", GgufType.TQ2_0, [1, 128])],
            [new("a", GgufType.F32, [1, 1, 1, 1, 1])],
            [new("a", GgufType.F32, [0])],
            [new("a", GgufType.F32, [2])],
        ];
        foreach (var headings in wrong)
            Assert.Throws<ArgumentException>(() => GgufWriter.Write(_path, new GgufMetadata(), headings, (_, stream) => stream.Write(new byte[4])));
        Assert.Empty(Directory.GetFiles(_folder.Path));
        var metadata = GgufSample.Metadata();
        foreach (var key in new[] { "", "size", "general.alignment", new string('k', 257) })
            Assert.Throws<ArgumentException>(() => metadata.Add(key, 1u));
    }
}
