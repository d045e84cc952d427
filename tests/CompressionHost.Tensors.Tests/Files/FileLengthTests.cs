namespace CompressionHost.Tensors.Tests;

public sealed class FileLengthTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_link_has_the_length_of_what_it_leads_to()
    {
        var file = _folder.Write("blobs/file", new byte[1234]);
        File.CreateSymbolicLink(_folder["link"], Path.Combine("blobs", "file"));
        File.CreateSymbolicLink(_folder["again"], "link");
        Assert.All([file, _folder["link"], _folder["again"]], path => Assert.Equal(1234, FileLength.Of(path)));
    }

    [Fact]
    public void What_is_not_there_has_none()
    {
        File.CreateSymbolicLink(_folder["broken"], "nowhere");
        Assert.Throws<FileNotFoundException>(() => FileLength.Of(_folder["broken"]));
        Assert.Throws<FileNotFoundException>(() => FileLength.Of(_folder["nowhere"]));
    }
}
