using CompressionHost.Tensors;

namespace CompressionHost.Hub.Tests;

public sealed class DownloadTests
{
    private static readonly HubReference Model = HubReference.Parse("hf:owner/name");
    private static readonly string[] Weights = ["model"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_arrives_in_the_layout_of_the_hubs_cache()
    {
        await using var setup = await HubSetup.StartAsync();
        var progress = new List<HubProgress>();
        using var folder = await setup.Client().DownloadAsync(Model, Weights, new Recorder(progress), Stop);

        Assert.Equal(Path.Combine(setup.Repository, "snapshots", FakeHub.Commit), folder.Path);
        Assert.Equal($"hf:owner/name@{FakeHub.Commit}", folder.Model.ToString());
        Assert.Equal(FakeHub.Commit, await File.ReadAllTextAsync(Path.Combine(setup.Repository, "refs", "main"), Stop));
        foreach (var name in new[] { "config.json", "model.safetensors" })
        {
            var content = setup.Hub.Files[name];
            Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(folder.Path, name), Stop));
            Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(setup.Repository, "blobs", FakeHub.Digest(name, content)), Stop));
        }
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);
        Assert.Empty(Directory.GetFiles(setup.Repository, "*.incomplete", SearchOption.AllDirectories));
        var weights = setup.Hub.Files["model.safetensors"].Length;
        Assert.Equal(new HubProgress("model.safetensors", weights, weights), progress[^1]);
        using var opened = SafetensorsCheckpoint.Open(folder.Path);
        Assert.Equal("weight", Assert.Single(opened.Entries).Entry.Name);
    }

    [Fact]
    public async Task What_is_cached_is_not_fetched_again()
    {
        await using var setup = await HubSetup.StartAsync();
        (await setup.Client().DownloadAsync(Model, Weights, null, Stop)).Dispose();
        setup.Hub.Requests.Clear();
        (await setup.Client().DownloadAsync(Model, Weights, null, Stop)).Dispose();
        Assert.StartsWith("/api/models/owner/name/revision/", Assert.Single(setup.Hub.Requests).Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shards_come_with_their_index()
    {
        await using var setup = await HubSetup.StartAsync();
        setup.Hub.Files.Remove("model.safetensors");
        setup.Hub.Files["model-00001-of-00002.safetensors"] = HubSetup.Safetensors(10, 1, "a");
        setup.Hub.Files["model-00002-of-00002.safetensors"] = HubSetup.Safetensors(20, 2, "b");
        setup.Hub.Files["unrelated.safetensors"] = HubSetup.Safetensors(5, 3, "c");
        setup.Hub.Files["model.safetensors.index.json"] =
            "{\"weight_map\":{\"a\":\"model-00001-of-00002.safetensors\",\"b\":\"model-00002-of-00002.safetensors\"}}"u8.ToArray();
        using var folder = await setup.Client().DownloadAsync(Model, Weights, null, Stop);
        using var opened = SafetensorsCheckpoint.Open(folder.Path);
        Assert.Equal(["a", "b"], opened.Entries.Select(e => e.Entry.Name));
        Assert.False(File.Exists(Path.Combine(folder.Path, "unrelated.safetensors")));
    }

    [Fact]
    public async Task A_download_that_is_cut_goes_on_where_it_was()
    {
        await using var setup = await HubSetup.StartAsync(values: 500_000);
        setup.Hub.Cuts = 3;
        using var folder = await setup.Client().DownloadAsync(Model, Weights, null, Stop);
        Assert.Equal(setup.Hub.Files["model.safetensors"], await File.ReadAllBytesAsync(Path.Combine(folder.Path, "model.safetensors"), Stop));
        var ranges = setup.Hub.Requests.Where(r => r.Storage).Select(r => r.Range).ToList();
        Assert.Equal(4, ranges.Count);
        Assert.Equal("", ranges[0]);
        Assert.All(ranges.Skip(1), r => Assert.Matches("^bytes=[1-9][0-9]*-$", r));
    }

    [Fact]
    public async Task A_later_run_goes_on_with_what_an_earlier_one_left()
    {
        await using var setup = await HubSetup.StartAsync();
        var content = setup.Hub.Files["model.safetensors"];
        setup.Hub.Cuts = int.MaxValue;
        await Assert.ThrowsAsync<InvalidInputException>(() => setup.Client(attempts: 1).DownloadAsync(Model, Weights, null, Stop));
        var left = Path.Combine(setup.Repository, "blobs", FakeHub.Digest("model.safetensors", content) + ".incomplete");
        Assert.InRange(new FileInfo(left).Length, 1, content.Length - 1);
        Assert.False(File.Exists(Path.Combine(setup.Repository, "snapshots", FakeHub.Commit, "model.safetensors")));

        setup.Hub.Cuts = 0;
        setup.Hub.Requests.Clear();
        using var folder = await setup.Client().DownloadAsync(Model, Weights, null, Stop);
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(folder.Path, "model.safetensors"), Stop));
        Assert.StartsWith("bytes=", Assert.Single(setup.Hub.Requests, r => r.Storage).Range, StringComparison.Ordinal);
        Assert.False(File.Exists(left));
    }

    [Fact]
    public async Task A_server_without_ranges_starts_again()
    {
        await using var setup = await HubSetup.StartAsync();
        (setup.Hub.Cuts, setup.Hub.IgnoresRanges) = (1, true);
        using var folder = await setup.Client().DownloadAsync(Model, Weights, null, Stop);
        Assert.Equal(setup.Hub.Files["model.safetensors"], await File.ReadAllBytesAsync(Path.Combine(folder.Path, "model.safetensors"), Stop));
    }

    [Fact]
    public async Task A_damaged_remainder_of_an_earlier_run_is_thrown_away()
    {
        await using var setup = await HubSetup.StartAsync();
        var content = setup.Hub.Files["model.safetensors"];
        var blobs = Directory.CreateDirectory(Path.Combine(setup.Repository, "blobs")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(blobs, FakeHub.Digest("model.safetensors", content) + ".incomplete"), new byte[1000], Stop);
        using var folder = await setup.Client().DownloadAsync(Model, Weights, null, Stop);
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(folder.Path, "model.safetensors"), Stop));
    }

    [Fact]
    public async Task Content_with_another_digest_is_refused_and_leaves_nothing()
    {
        await using var setup = await HubSetup.StartAsync();
        setup.Hub.Damages = true;
        var e = await Assert.ThrowsAsync<InvalidInputException>(() => setup.Client().DownloadAsync(Model, Weights, null, Stop));
        Assert.Contains("digest", e.Message, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(Path.Combine(setup.Repository, "blobs")));
    }

    [Fact]
    public async Task A_busy_server_is_asked_again()
    {
        await using var setup = await HubSetup.StartAsync();
        setup.Hub.Busy = 3;
        (await setup.Client().DownloadAsync(Model, Weights, null, Stop)).Dispose();
        Assert.Contains("answers 503; trying again", setup.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_stays_busy_is_given_up_with_a_way_out()
    {
        await using var setup = await HubSetup.StartAsync();
        setup.Hub.Busy = int.MaxValue;
        var e = await Assert.ThrowsAsync<InvalidInputException>(() => setup.Client().DownloadAsync(Model, Weights, null, Stop));
        Assert.Contains("HF_HUB_OFFLINE", e.Message, StringComparison.Ordinal);
        Assert.Equal(4, setup.Hub.Requests.Count);
    }

    [Fact]
    public async Task Cancelling_keeps_what_has_arrived()
    {
        await using var setup = await HubSetup.StartAsync(values: 1_000_000);
        using var cancel = new CancellationTokenSource();
        var progress = new Recorder([]) { Seen = p => { if (p.File == "model.safetensors") cancel.Cancel(); } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => setup.Client().DownloadAsync(Model, Weights, progress, cancel.Token));
        Assert.NotEqual(0, new FileInfo(Directory.GetFiles(Path.Combine(setup.Repository, "blobs"), "*.incomplete").Single()).Length);
        (await setup.Client().DownloadAsync(Model, Weights, null, Stop)).Dispose();
    }

    [Fact]
    public async Task Clients_that_want_the_same_file_fetch_it_once()
    {
        await using var setup = await HubSetup.StartAsync();
        var folders = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => setup.Client().DownloadAsync(Model, Weights, null, Stop)));
        Assert.All(folders, f => Assert.Equal(folders[0].Path, f.Path));
        Assert.Single(setup.Hub.Requests, r => r.Storage);
    }

    private sealed class Recorder(List<HubProgress> seen) : IProgress<HubProgress>
    {
        public Action<HubProgress>? Seen { get; init; }

        public void Report(HubProgress value)
        {
            seen.Add(value);
            Seen?.Invoke(value);
        }
    }
}
