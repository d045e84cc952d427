using CompressionHost.Tensors;

namespace CompressionHost.Hub.Tests;

public sealed class OfflineTests
{
    private static readonly HubReference Model = HubReference.Parse("hf:owner/name");
    private static readonly string[] Weights = ["model"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Offline_a_cached_model_opens_without_a_request()
    {
        await using var setup = await HubSetup.StartAsync();
        using var online = await setup.Client().DownloadAsync(Model, Weights, null, Stop);
        setup.Hub.Requests.Clear();
        using var offline = await setup.Client(offline: true).DownloadAsync(Model, Weights, null, Stop);
        using var pinned = await setup.Client(offline: true).OpenHeadersAsync(online.Model, Weights, Stop);
        Assert.Equal(online.Path, offline.Path);
        Assert.Equal(online.Path, pinned.Path);
        Assert.Empty(setup.Hub.Requests);
    }

    [Fact]
    public async Task A_cache_that_another_client_filled_is_used()
    {
        await using var setup = await HubSetup.StartAsync();
        const string Commit = "89abcdef0123456789abcdef0123456789abcdef";
        var snapshot = Directory.CreateDirectory(Path.Combine(setup.Repository, "snapshots", Commit)).FullName;
        var refs = Directory.CreateDirectory(Path.Combine(setup.Repository, "refs", "refs", "pr")).FullName;
        await File.WriteAllTextAsync(Path.Combine(refs, "1"), Commit, Stop);
        foreach (var name in new[] { "config.json", "model.safetensors" })
        {
            var blob = Path.Combine("blobs", FakeHub.Digest(name, setup.Hub.Files[name]));
            Directory.CreateDirectory(Path.Combine(setup.Repository, "blobs"));
            await File.WriteAllBytesAsync(Path.Combine(setup.Repository, blob), setup.Hub.Files[name], Stop);
            File.CreateSymbolicLink(Path.Combine(snapshot, name), Path.Combine("..", "..", blob));
        }
        using var folder = await setup.Client(offline: true).DownloadAsync(HubReference.Parse("hf:owner/name@refs/pr/1"), Weights, null, Stop);
        Assert.Equal(snapshot, folder.Path);
        using var opened = SafetensorsCheckpoint.Open(folder.Path);
        Assert.Equal(setup.Hub.Files["model.safetensors"].Length, opened.FileBytes);
    }

    [Fact]
    public async Task Offline_what_is_not_cached_is_an_error_that_says_so()
    {
        await using var setup = await HubSetup.StartAsync();
        var e = await Assert.ThrowsAsync<InvalidInputException>(() => setup.Client(offline: true).DownloadAsync(Model, Weights, null, Stop));
        Assert.Contains("HF_HUB_OFFLINE", e.Message, StringComparison.Ordinal);
        Assert.Empty(setup.Hub.Requests);
    }

    [Fact]
    public async Task A_hub_that_cannot_be_reached_leaves_the_cache_to_use()
    {
        await using var setup = await HubSetup.StartAsync();
        (await setup.Client().DownloadAsync(Model, Weights, null, Stop)).Dispose();
        // Nothing listens at port 1.
        using var folder = await setup.Client(attempts: 2, endpoint: new Uri("http://127.0.0.1:1")).DownloadAsync(Model, Weights, null, Stop);
        Assert.EndsWith(FakeHub.Commit, folder.Path, StringComparison.Ordinal);
        Assert.Contains("is taken from the cache", setup.Log.Text, StringComparison.Ordinal);
    }
}
