using System.Text;
using CompressionHost.Abstractions;
using CompressionHost.Plugins.Data;
using CompressionHost.Tensors;

namespace CompressionHost.Data.Tests;

public sealed class WebDatasetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Reads_labelled_shards_in_order()
    {
        Labelled();
        using var data = Open();

        Assert.Equal(4, data.Count);
        Assert.Equal(["cat", "dog"], data.ClassNames);
        Assert.Equal(["a {c}.", "the {c}."], data.Templates);
        Assert.Equal(["a cat.", "the cat.", "a dog.", "the dog."], data.Texts());
        Assert.Equal([0, 1, 1, 0], Enumerable.Range(0, 4).Select(i => data.Read(i).Label!.Value));
        Assert.Equal([10, 20, 30, 40], Enumerable.Range(0, 4).Select(i => (int)data.Read(i).Image.Pixels[0]));
        Assert.Empty(data.Read(0).Texts);
        Assert.Equal(_folder["test/1.tar"] + ":x/s3.PNG", data.Read(3).Origin);
    }

    [Fact]
    public void The_split_may_be_in_the_path_or_beside_it()
    {
        Labelled();
        using var a = new WebDatasetSource(new WebDatasetOptions { Path = _folder["test"] }).Open(TestContext.Current.CancellationToken);
        using var b = Open();
        Assert.Equal(a.Digest(), b.Digest());
        Refuses(() => new WebDatasetSource(new WebDatasetOptions { Path = _folder.Path }).Open(), _folder.Path, "'split'", "test");
    }

    [Fact]
    public void Templates_of_the_recipe_come_before_those_of_the_data()
    {
        Labelled();
        using var data = new WebDatasetSource(new WebDatasetOptions { Path = _folder["test"], Templates = ["one {c}"] }).Open(TestContext.Current.CancellationToken);
        Assert.Equal(["one cat", "one dog"], data.Texts());
        Refuses(() => new WebDatasetSource(new WebDatasetOptions { Path = _folder["test"], Templates = ["no place"] }).Open(), "no place", "{c}");
    }

    [Fact]
    public void Reads_captions_one_a_line()
    {
        Shard("test/0.tar", ("s0.png", Pictures.Png(7)), ("s0.txt", Encoding.UTF8.GetBytes("\uFEFFa cat\r\n\n  another cat \n")));
        _folder.Write("test/nshards.txt", "1\n");
        using var data = Open();

        Assert.Equal(["a cat", "another cat"], data.Read(0).Texts);
        Assert.Equal(["a cat", "another cat"], data.Texts());
        Assert.Null(data.Read(0).Label);
        Assert.Empty(data.ClassNames);
    }

    [Fact]
    public void Dataset_type_decides_where_there_are_labels_and_captions()
    {
        Labelled();
        Shard("test/0.tar", ("s0.png", Pictures.Png(1)), ("s0.cls", "0"u8.ToArray()), ("s0.txt", "a cat"u8.ToArray()));
        Shard("test/1.tar", ("s1.png", Pictures.Png(1)), ("s1.cls", "1"u8.ToArray()), ("s1.txt", "a dog"u8.ToArray()));
        using (var labelled = Open())
            Assert.Equal(1, labelled.Read(1).Label);
        _folder.Write("dataset_type.txt", "retrieval\n");
        using (var captioned = Open())
            Assert.Equal(["a dog"], captioned.Read(1).Texts);
        _folder.Write("dataset_type.txt", "segmentation\n");
        Refuses(() => Open(), "dataset_type.txt", "segmentation");
    }

    [Fact]
    public void Without_a_count_every_archive_is_a_shard_and_2_comes_before_10()
    {
        Labelled();
        File.Delete(_folder["test/nshards.txt"]);
        foreach (var n in new[] { 2, 10 })
            Shard($"test/{n}.tar", ($"s{n}.png", Pictures.Png((byte)n)), ($"s{n}.cls", "0"u8.ToArray()));
        using var data = Open();
        Assert.Equal([10, 20, 30, 40, 2, 10], Enumerable.Range(0, 6).Select(i => (int)data.Read(i).Image.Pixels[0]));
    }

    [Fact]
    public void A_broken_image_is_that_samples_fault()
    {
        Shard("test/0.tar", ("a.png", "not a picture"u8.ToArray()), ("a.txt", "a"u8.ToArray()), ("b.png", Pictures.Png(1)), ("b.txt", "b"u8.ToArray()));
        using var data = Open();
        var error = Assert.Throws<BadSampleException>(() => data.Read(0));
        Assert.Equal(_folder["test/0.tar"] + ":a.png", error.Origin);
        Assert.Equal(["b"], data.Read(1).Texts);
    }

    [Fact]
    public void Captions_that_are_not_text_are_that_samples_fault()
    {
        Shard("test/0.tar", ("a.png", Pictures.Png(1)), ("a.txt", [0xFF, 0xFE]), ("b.png", Pictures.Png(1)), ("b.txt", " \n"u8.ToArray()), ("c.png", Pictures.Png(1)), ("c.txt", "c"u8.ToArray()));
        using var data = Open();
        Assert.Contains("UTF-8", Assert.Throws<BadSampleException>(() => data.Read(0)).Message, StringComparison.Ordinal);
        Assert.Contains("no caption", Assert.Throws<BadSampleException>(() => data.Read(1)).Message, StringComparison.Ordinal);
        Assert.Equal(["c"], data.Texts());
    }

    [Fact]
    public void A_shard_that_shrinks_after_it_was_opened_breaks_samples_and_not_the_process()
    {
        Labelled();
        using var data = Open();
        using (var stream = new FileStream(_folder["test/1.tar"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            stream.SetLength(700);
        Assert.Equal(20, data.Read(1).Image.Pixels[0]);
        Assert.Contains("shorter", Assert.Throws<BadSampleException>(() => data.Read(3)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_digest_follows_the_bytes()
    {
        Labelled();
        string first;
        using (var data = Open())
            Assert.Equal(first = data.Digest(), data.Digest());
        _folder.Write("classnames.txt", "cat\ncow\n");
        string renamed;
        using (var data = Open())
            renamed = data.Digest();
        Shard("test/1.tar", ("s2.png", Pictures.Png(31)), ("s2.cls", "1"u8.ToArray()));
        using var changed = Open();
        Assert.Equal(3, new[] { first, renamed, changed.Digest() }.Distinct().Count());
        Assert.Matches("^[0-9a-f]{64}$", first);
    }

    [Theory]
    [InlineData("2", "label 2 is outside 0 to 1")]
    [InlineData("-1", "label -1 is outside")]
    [InlineData("cat", "'cat' is not a label")]
    [InlineData("", "'' is not a label")]
    [InlineData("99999999999", "'99999999999' is not a label")]
    public void Refuses_a_wrong_label_by_shard_and_entry(string label, string message)
    {
        Labelled();
        Shard("test/1.tar", ("s2.png", Pictures.Png(30)), ("s2.cls", Encoding.UTF8.GetBytes(label)));
        Refuses(() => Open(), _folder["test/1.tar"] + ":s2.cls", message);
    }

    [Fact]
    public void Refuses_what_is_missing()
    {
        Refuses(() => Open(), _folder["test"], "no folder");
        Directory.CreateDirectory(_folder["test"]);
        Refuses(() => Open(), _folder["test"], "no .tar shards");
        Labelled();
        _folder.Write("test/nshards.txt", "3");
        Refuses(() => Open(), _folder["test/2.tar"], "missing");
        _folder.Write("test/nshards.txt", "many");
        Refuses(() => Open(), "nshards.txt", "'many'");
        _folder.Write("test/nshards.txt", "2");
        File.Delete(_folder["classnames.txt"]);
        Refuses(() => Open(), _folder["classnames.txt"], "is missing");
    }

    [Fact]
    public void Refuses_incomplete_and_ambiguous_samples()
    {
        var png = Pictures.Png(1);
        Shard("test/0.tar", ("a.txt", "a"u8.ToArray()));
        Refuses(() => Open(), "0.tar:a", "no image");
        Shard("test/0.tar", ("a.png", png));
        Refuses(() => Open(), "0.tar:a", "neither a label");
        Shard("test/0.tar", ("a.png", png), ("a.jpg", png), ("a.txt", "a"u8.ToArray()));
        Refuses(() => Open(), "0.tar:a.jpg", "second image", "a.png");
        Shard("test/0.tar", ("a.json", "{}"u8.ToArray()), ("._b.png", png), ("README", "x"u8.ToArray()));
        Refuses(() => Open(), _folder["test"], "no samples");
        Labelled();
        Shard("test/1.tar", ("b.png", png), ("b.txt", "b"u8.ToArray()));
        Refuses(() => Open(), "1.tar:b", "no label");
    }

    private void Labelled()
    {
        Shard("test/0.tar", ("s0.png", Pictures.Png(10)), ("s0.cls", "0"u8.ToArray()), ("s1.cls", "1\n"u8.ToArray()), ("s1.png", Pictures.Png(20)));
        // Entries of a sample need not be neighbours, names may have folders, other entries are not used.
        Shard("test/1.tar", ("s2.png", Pictures.Png(30)), ("x/s3.PNG", Pictures.Png(40)), ("s2.json", "{}"u8.ToArray()), ("x/s3.cls", "0"u8.ToArray()), ("s2.cls", "1"u8.ToArray()));
        _folder.Write("test/nshards.txt", "2");
        _folder.Write("classnames.txt", "cat\ndog\n");
        _folder.Write("zeroshot_classification_templates.txt", "a {c}.\nthe {c}.\n");
    }

    private void Shard(string name, params (string Name, byte[] Bytes)[] files) => _folder.Write(name, Archives.Write(files));

    private IDataSet Open() => new WebDatasetSource(new WebDatasetOptions { Path = _folder.Path, Split = "test" }).Open(TestContext.Current.CancellationToken);

    private static void Refuses(Func<IDataSet> open, params string[] parts)
    {
        var error = Assert.Throws<InvalidInputException>(() => open().Dispose());
        foreach (var part in parts)
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }
}
