using System.Text;
using CompressionHost.Abstractions;
using CompressionHost.Plugins.Data;
using CompressionHost.Tensors;

namespace CompressionHost.Data.Tests;

public sealed class CaptionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public CaptionsTests()
    {
        foreach (byte i in new byte[] { 1, 2, 3 })
            _folder.Write($"img/{i}.png", Pictures.Png(i));
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("list.csv", "image,caption\nimg/2.png,two\nimg/1.png,one\nimg/2.png,zwei\n")]
    [InlineData("list.csv", "\uFEFFTitle,id,FilePath\r\ntwo,1,img/2.png\r\none,2,img/1.png\r\nzwei,3,./img/../img/2.png")]
    [InlineData("list.tsv", "filepath\ttitle\nimg/2.png\ttwo\nimg/1.png\tone\nimg/2.png\tzwei\n")]
    [InlineData("list.jsonl", "{\"file_name\":\"img/2.png\",\"text\":\"two\"}\n\n{\"text\":\"one\",\"file_name\":\"img/1.png\"}\n{\"file_name\":\"img/2.png\",\"text\":\" zwei \"}")]
    [InlineData("list.jsonl", "{\"image\":\"img/2.png\",\"captions\":[\"two\",\"zwei\"]}\n{\"image\":\"img/1.png\",\"captions\":\"one\"}\n")]
    public void Rows_of_one_image_become_one_sample_in_the_order_of_first_mention(string name, string text)
    {
        using var data = Open(name, text);
        Assert.Equal(2, data.Count);
        Assert.Equal(["two", "zwei"], data.Read(0).Texts);
        Assert.Equal(["one"], data.Read(1).Texts);
        Assert.Equal(2, data.Read(0).Image.Pixels[0]);
        Assert.Equal(["two", "zwei", "one"], data.Texts());
        Assert.Null(data.Read(0).Label);
        Assert.Equal(_folder["img/1.png"], data.Read(1).Origin);
    }

    [Fact]
    public void Quoted_fields_hold_commas_quotes_and_line_breaks()
    {
        using var data = Open("list.csv", "image,caption\n\"img/1.png\",\"a \"\"big\"\", red\nthing\"\nimg/2.png,\"\"\"x\"\"\"\n");
        Assert.Equal(["a \"big\", red\nthing"], data.Read(0).Texts);
        Assert.Equal(["\"x\""], data.Read(1).Texts);
    }

    [Fact]
    public void Columns_may_be_named_and_images_lie_elsewhere()
    {
        _folder.Write("lists/list.csv", "path,caption,a,b\nwrong,wrong,1.png,one\n");
        using var data = new CaptionsSource(new CaptionsOptions { Path = _folder["lists/list.csv"], Images = _folder["img"], ImageColumn = "a", TextColumn = "b" })
            .Open(TestContext.Current.CancellationToken);
        Assert.Equal(["one"], data.Read(0).Texts);
        Assert.Equal(1, data.Read(0).Image.Pixels[0]);
    }

    [Fact]
    public void Paths_leave_the_folder_only_where_that_is_allowed()
    {
        _folder.Write("outer.png", Pictures.Png(8));
        _folder.Write("list.csv", "image,caption\n../outer.png,one\n");
        var inner = new CaptionsOptions { Path = _folder["list.csv"], Images = _folder["img"] };
        Refuses(() => new CaptionsSource(inner).Open(), "list.csv, line 2", "outside", "allowOutside");
        using (var data = new CaptionsSource(inner with { AllowOutside = true }).Open(TestContext.Current.CancellationToken))
            Assert.Equal(8, data.Read(0).Image.Pixels[0]);
        // A folder whose name begins like the images' own is outside, too.
        _folder.Write("img-secret/1.png", Pictures.Png(9));
        _folder.Write("list.csv", "image,caption\n../img-secret/1.png,one\n");
        Refuses(() => new CaptionsSource(inner).Open(), "line 2", "outside");
        _folder.Write("list.csv", "image,caption\n/etc/passwd,one\n");
        Refuses(() => new CaptionsSource(inner).Open(), "line 2", "outside");
    }

    [Theory]
    [InlineData("list.csv", "picture,caption\nimg/1.png,one\n", "line 1", "'picture', 'caption'", "imageColumn")]
    [InlineData("list.csv", "image,label\nimg/1.png,one\n", "line 1", "'image', 'label'", "textColumn")]
    [InlineData("list.csv", "image,caption\nimg/1.png,one\nimg/2.png,two, too\n", "line 3", "3 fields", "2 columns")]
    [InlineData("list.csv", "image,caption\nimg/1.png\n", "line 2", "1 fields", "2 columns")]
    [InlineData("list.csv", "image,caption\nimg/1.png,\"one\nimg/2.png,two\n", "line 2", "not closed", "list.csv")]
    [InlineData("list.csv", "image,caption\nimg/1.png,\n", "line 2", "caption is empty", "list.csv")]
    [InlineData("list.csv", "image,caption\n,one\n", "line 2", "path is empty", "list.csv")]
    [InlineData("list.csv", "image,caption\n", "lists no images", "list.csv", "list.csv")]
    [InlineData("list.csv", "image,image,caption\nimg/1.png,img/1.png,one\n", "line 1", "image", "list.csv")]
    [InlineData("list.csv", "", "empty", "list.csv", "list.csv")]
    [InlineData("list.jsonl", "{\"image\":\"img/1.png\",\"text\":\"one\"}\n{\"image\":\n", "line 2", "not JSON", "list.jsonl")]
    [InlineData("list.jsonl", "{\"image\":\"img/1.png\",\"text\":\"one\"}\n[1]\n", "line 2", "not a JSON object", "list.jsonl")]
    [InlineData("list.jsonl", "{\"image\":\"img/1.png\",\"text\":\"one\"}\n{\"image\":\"img/2.png\"}\n", "line 2", "no 'text'", "list.jsonl")]
    [InlineData("list.jsonl", "{\"image\":\"img/1.png\",\"text\":7}\n", "line 1", "'text' is not a string", "list.jsonl")]
    [InlineData("list.jsonl", "{\"image\":\"img/1.png\",\"text\":\"\\ud800\"}\n", "line 1", "not valid Unicode", "list.jsonl")]
    [InlineData("list.jsonl", "{\"image\":\"img/1.png\",\"text\":[]}\n", "line 1", "empty array", "list.jsonl")]
    [InlineData("list.txt", "img/1.png one\n", "list.txt", "'.txt'", ".jsonl")]
    [InlineData("list.csv", "image,caption\nno.png,one\nimg/1.png,one\n", "1 of 2 images do not exist", "no.png (line 2)", "'images'")]
    public void Refuses_a_malformed_list_by_file_and_line(string name, string text, params string[] parts) => Refuses(() => Open(name, text), parts);

    [Theory]
    [InlineData("list.csv")]
    [InlineData("list.jsonl")]
    public void Refuses_text_that_is_not_UTF8(string name)
    {
        _folder.Write(name, Encoding.Latin1.GetBytes("image,caption\nimg/1.png,caf\u00e9\n"));
        Refuses(() => new CaptionsSource(new CaptionsOptions { Path = _folder[name] }).Open(), name, "line", "UTF-8");
    }

    [Fact]
    public void Refuses_a_missing_file_or_folder()
    {
        Refuses(() => new CaptionsSource(new CaptionsOptions { Path = _folder["none.csv"] }).Open(), _folder["none.csv"]);
        _folder.Write("list.csv", "image,caption\n1.png,one\n");
        Refuses(() => new CaptionsSource(new CaptionsOptions { Path = _folder["list.csv"], Images = _folder["none"] }).Open(), _folder["none"]);
    }

    [Fact]
    public void The_digest_follows_images_and_captions()
    {
        var digests = new HashSet<string>();
        foreach (var text in new[] { "one", "uno" })
        {
            using var data = Open("list.csv", $"image,caption\nimg/1.png,{text}\n");
            Assert.True(digests.Add(data.Digest()));
            Assert.False(digests.Add(data.Digest()));
        }
        _folder.Write("img/1.png", Pictures.Png(99));
        using var changed = Open("list.csv", "image,caption\nimg/1.png,one\n");
        Assert.True(digests.Add(changed.Digest()));
    }

    private IDataSet Open(string name, string text)
    {
        _folder.Write(name, text);
        return new CaptionsSource(new CaptionsOptions { Path = _folder[name] }).Open(TestContext.Current.CancellationToken);
    }

    private static void Refuses(Func<IDataSet> open, params string[] parts)
    {
        var error = Assert.Throws<InvalidInputException>(() => open().Dispose());
        foreach (var part in parts)
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }
}
