using CompressionHost.Tensors;

namespace CompressionHost.Hub.Tests;

public sealed class RefusalTests
{
    private static readonly HubReference Model = HubReference.Parse("hf:owner/name");
    private static readonly string[] Weights = ["model"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_goes_to_the_hub_alone_and_into_no_message()
    {
        await using var setup = await HubSetup.StartAsync();
        setup.Hub.Token = "hf_secret";
        setup.Hub.Cuts = 1;
        (await setup.Client("hf_secret").DownloadAsync(Model, Weights, null, Stop)).Dispose();
        Assert.All(setup.Hub.Requests, r => Assert.Equal(r.Storage ? "" : "Bearer hf_secret", r.Authorization));
        Assert.Contains(setup.Hub.Requests, r => r.Storage);
        Assert.DoesNotContain("hf_secret", setup.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "set HF_TOKEN")]
    [InlineData("hf_wrong", "does not accept HF_TOKEN")]
    public async Task A_private_model_asks_for_a_token(string? token, string part)
    {
        await using var setup = await HubSetup.StartAsync();
        setup.Hub.Token = "hf_secret";
        var e = await Refused(setup.Client(token), Model);
        Assert.Contains(part, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hf_wrong", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gated_model_says_how_to_get_access()
    {
        await using var setup = await HubSetup.StartAsync();
        setup.Hub.Gated = true;
        var e = await Refused(setup.Client(), Model);
        Assert.Contains("gated", e.Message, StringComparison.Ordinal);
        Assert.Contains("HF_TOKEN", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hf:owner/nobody", "no such model")]
    [InlineData("hf:owner/name@v9", "no revision 'v9'")]
    public async Task What_is_not_there_is_a_fault_of_the_recipe(string reference, string part)
    {
        await using var setup = await HubSetup.StartAsync();
        var e = await Refused(setup.Client(), HubReference.Parse(reference));
        Assert.Contains(part, e.Message, StringComparison.Ordinal);
        Assert.Null(e.Path);
    }

    [Fact]
    public async Task Pickles_are_named_and_never_fetched()
    {
        await using var setup = await HubSetup.StartAsync();
        setup.Hub.Files.Remove("model.safetensors");
        var e = await Refused(setup.Client(), Model);
        Assert.Contains("pytorch_model.bin", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(setup.Hub.Requests, r => r.Path.EndsWith(".bin", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Names_that_lead_out_of_the_folder_are_never_fetched()
    {
        await using var setup = await HubSetup.StartAsync();
        setup.Hub.Listed.AddRange(["../../evil.json", "/etc/passwd", "C:\\x.safetensors", "sub/model.safetensors", "..", "", ".hidden.safetensors", new string('a', 5000) + ".safetensors", "config.json\0.safetensors"]);
        (await setup.Client().DownloadAsync(Model, Weights, null, Stop)).Dispose();
        Assert.Equal(3, setup.Hub.Requests.Count(r => !r.Storage && r.Method == "HEAD") + 1);
        Assert.Equal(2, Directory.GetFiles(setup.Cache, "*", SearchOption.AllDirectories).Count(f => f.Contains("snapshots", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("{\"weight_map\":{\"a\":\"../evil.safetensors\"}}")]
    [InlineData("{\"weight_map\":{\"a\":\"missing.safetensors\"}}")]
    [InlineData("{\"weight_map\":{\"a\":\"config.json\"}}")]
    [InlineData("[]")]
    public async Task An_index_that_names_other_files_is_refused(string index)
    {
        await using var setup = await HubSetup.StartAsync();
        setup.Hub.Files.Remove("model.safetensors");
        setup.Hub.Files["model.safetensors.index.json"] = System.Text.Encoding.UTF8.GetBytes(index);
        await Refused(setup.Client(), Model);
        Assert.DoesNotContain(setup.Hub.Requests, r => r.Storage);
    }

    [Fact]
    public async Task A_length_beyond_the_disk_is_refused_before_anything_is_written()
    {
        await using var setup = await HubSetup.StartAsync();
        setup.Hub.ClaimedBytes = 1L << 60;
        var e = await Refused(setup.Client(), Model);
        Assert.Contains("HF_HUB_CACHE", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(setup.Hub.Requests, r => r.Storage);
    }

    [Fact]
    public async Task No_more_is_read_than_was_promised()
    {
        await using var setup = await HubSetup.StartAsync();
        setup.Hub.ClaimedBytes = 1000;
        await Refused(setup.Client(), Model);
        Assert.All(Directory.GetFiles(setup.Repository, "*", SearchOption.AllDirectories), f => Assert.InRange(new FileInfo(f).Length, 0, 1000));
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://127.0.0.1/x")]
    public async Task Redirects_lead_to_web_addresses_alone(string target)
    {
        await using var setup = await HubSetup.StartAsync();
        setup.Hub.RedirectTo = target;
        Assert.Contains("redirects", (await Refused(setup.Client(), Model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_circle_of_redirects_ends()
    {
        await using var setup = await HubSetup.StartAsync();
        setup.Hub.RedirectTo = $"/owner/name/resolve/{FakeHub.Commit}/model.safetensors";
        Assert.Contains("circle", (await Refused(setup.Client(), Model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_commit_that_is_none_is_refused()
    {
        await using var setup = await HubSetup.StartAsync();
        setup.Hub.Head = "../../../evil";
        await Refused(setup.Client(), Model);
        Assert.False(Directory.Exists(Path.Combine(setup.Repository, "snapshots")));
    }

    private static Task<InvalidInputException> Refused(ModelHub hub, HubReference model) =>
        Assert.ThrowsAsync<InvalidInputException>(() => hub.DownloadAsync(model, Weights, null, Stop));
}
