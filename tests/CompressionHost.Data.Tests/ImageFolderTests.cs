using CompressionHost.Abstractions;
using CompressionHost.Plugins.Data;
using CompressionHost.Tensors;

namespace CompressionHost.Data.Tests;

public sealed class ImageFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ImageFolderTests()
    {
        _folder.Write("set/b_dog/2.png", Pictures.Png(20));
        _folder.Write("set/b_dog/more/1.PNG", Pictures.Png(21));
        _folder.Write("set/b_dog/notes.txt", "not used");
        _folder.Write("set/b_dog/.hidden.png", Pictures.Png(99));
        _folder.Write("set/B cat/z.png", Pictures.Png(10));
        _folder.Write("set/.git/x.png", Pictures.Png(99));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_class_is_a_subfolder_in_ordinal_order()
    {
        using var data = Open();
        Assert.Equal(["B cat", "b dog"], data.ClassNames);
        Assert.Equal(["a photo of a B cat.", "a photo of a b dog."], data.Texts());
        Assert.Equal([(10, 0), (20, 1), (21, 1)], Enumerable.Range(0, data.Count).Select(i => data.Read(i)).Select(s => ((int)s.Image.Pixels[0], s.Label!.Value)));
        Assert.Equal(_folder["set/b_dog/more/1.PNG"], data.Read(2).Origin);
    }

    [Fact]
    public void Class_names_and_templates_may_come_from_files()
    {
        _folder.Write("set/classnames.txt", "cat\r\ndog\n");
        _folder.Write("templates.txt", "a {c}\nthe {c}\n");
        using var data = Open(new ImageFolderOptions { TemplatesFile = _folder["templates.txt"] });
        Assert.Equal(["a cat", "the cat", "a dog", "the dog"], data.Texts());
    }

    [Fact]
    public void A_link_to_a_folder_above_is_not_followed()
    {
        Directory.CreateSymbolicLink(_folder["set/b_dog/loop"], _folder["set"]);
        using var data = Open();
        Assert.Equal(3, data.Count);
    }

    [Fact]
    public void The_digest_follows_bytes_names_and_places()
    {
        var digests = new List<string>();
        void Add(ImageFolderOptions? options = null)
        {
            using var data = Open(options);
            digests.Add(data.Digest());
            Assert.Equal(digests[^1], data.Digest());
        }
        Add();
        File.Move(_folder["set/b_dog/2.png"], _folder["set/b_dog/3.png"]);
        Add();
        _folder.Write("set/b_dog/3.png", Pictures.Png(77));
        Add();
        Add(new ImageFolderOptions { Templates = ["{c}"] });
        Assert.Equal(4, digests.Distinct().Count());
        // When a file was written does not count.
        File.SetLastWriteTimeUtc(_folder["set/b_dog/3.png"], DateTime.UnixEpoch);
        Add(new ImageFolderOptions { Templates = ["{c}"] });
        Assert.Equal(digests[3], digests[4]);
    }

    [Fact]
    public void Refuses_by_name_what_cannot_be_a_data_set()
    {
        Refuses(new ImageFolderOptions { Path = _folder["none"] }, _folder["none"], "no folder");
        Directory.CreateDirectory(_folder["empty"]);
        Refuses(new ImageFolderOptions { Path = _folder["empty"] }, _folder["empty"], "no subfolders");
        Directory.CreateDirectory(_folder["set/c_cow"]);
        Refuses(new ImageFolderOptions(), _folder["set/c_cow"], "no images");
        Directory.Delete(_folder["set/c_cow"]);
        _folder.Write("set/classnames.txt", "cat\n");
        Refuses(new ImageFolderOptions(), "classnames.txt", "1 classes", "2 subfolders");
        File.Delete(_folder["set/classnames.txt"]);
        Refuses(new ImageFolderOptions { ClassNamesFile = _folder["none.txt"] }, _folder["none.txt"]);
        Refuses(new ImageFolderOptions { Templates = ["{c}"], TemplatesFile = _folder["t.txt"] }, "templatesFile");
    }

    [Theory]
    [InlineData("not an image")]
    [InlineData("")]
    [InlineData("\u0089PNG\r\n\u001a\n")]
    public void A_broken_image_is_that_samples_fault(string content)
    {
        var path = _folder.Write("set/b_dog/2.png", content);
        using var data = Open();
        Assert.Equal(path, Assert.Throws<BadSampleException>(() => data.Read(1)).Origin);
        File.Delete(path);
        Assert.Contains(path, Assert.Throws<BadSampleException>(() => data.Read(1)).Message, StringComparison.Ordinal);
    }

    private IDataSet Open(ImageFolderOptions? options = null)
    {
        options ??= new ImageFolderOptions();
        return new ImageFolderSource(options.Path.Length > 0 ? options : options with { Path = _folder["set"] }).Open(TestContext.Current.CancellationToken);
    }

    private void Refuses(ImageFolderOptions options, params string[] parts)
    {
        var error = Assert.Throws<InvalidInputException>(() => Open(options).Dispose());
        foreach (var part in parts)
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }
}
