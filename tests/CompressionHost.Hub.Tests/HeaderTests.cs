using CompressionHost.Tensors;

namespace CompressionHost.Hub.Tests;

public sealed class HeaderTests
{
    private static readonly HubReference Model = HubReference.Parse("hf:owner/name");
    private static readonly string[] Weights = ["open_clip_model", "model"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Headers_come_without_the_weights()
    {
        await using var setup = await HubSetup.StartAsync(values: 500_000);
        string path;
        using (var folder = await setup.Client().OpenHeadersAsync(Model, Weights, Stop))
        {
            path = folder.Path;
            Assert.Equal(FakeHub.Commit, folder.Model.Revision);
            Assert.True(File.Exists(Path.Combine(path, "config.json")));
            using var opened = SafetensorsCheckpoint.Open(path);
            Assert.Equal([500_000L], Assert.Single(opened.Entries).Entry.Shape);
        }
        Assert.False(Directory.Exists(path));
        Assert.StartsWith("bytes=0-", Assert.Single(setup.Hub.Requests, r => r.Storage).Range, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(setup.Repository, "*", SearchOption.AllDirectories), f => new FileInfo(f).Length > 1000);
    }

    [Fact]
    public async Task A_header_longer_than_the_first_request_comes_in_two()
    {
        await using var setup = await HubSetup.StartAsync();
        setup.Hub.Files["model.safetensors"] = HubSetup.Safetensors(100, 1, new string('n', 300_000));
        using var folder = await setup.Client().OpenHeadersAsync(Model, Weights, Stop);
        using var opened = SafetensorsCheckpoint.Open(folder.Path);
        Assert.Equal(300_000, Assert.Single(opened.Entries).Entry.Name.Length);
        Assert.Equal(2, setup.Hub.Requests.Count(r => r.Storage));
    }

    [Fact]
    public async Task Of_a_cached_model_they_are_read_in_place()
    {
        await using var setup = await HubSetup.StartAsync();
        using var whole = await setup.Client().DownloadAsync(Model, Weights, null, Stop);
        using var headers = await setup.Client().OpenHeadersAsync(Model, Weights, Stop);
        Assert.Equal(whole.Path, headers.Path);
        headers.Dispose();
        Assert.True(Directory.Exists(whole.Path));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    [InlineData(1L << 40)]
    public async Task A_header_that_claims_more_than_there_is_is_refused(long claimed)
    {
        await using var setup = await HubSetup.StartAsync();
        BitConverter.GetBytes(claimed).CopyTo(setup.Hub.Files["model.safetensors"], 0);
        var e = await Assert.ThrowsAsync<InvalidInputException>(() => setup.Client().OpenHeadersAsync(Model, Weights, Stop));
        Assert.Contains("no safetensors file", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tokenizer_alone_comes_without_weights()
    {
        await using var setup = await HubSetup.StartAsync();
        setup.Hub.Files["vocab.json"] = "{}"u8.ToArray();
        using var folder = await setup.Client().DownloadAsync(Model, [], null, Stop);
        Assert.Equal(["config.json", "vocab.json"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_renamed_model_is_followed()
    {
        await using var setup = await HubSetup.StartAsync();
        using var folder = await setup.Client().OpenHeadersAsync(HubReference.Parse("hf:old/name"), [], Stop);
        Assert.Equal(FakeHub.Commit, folder.Model.Revision);
    }
}
