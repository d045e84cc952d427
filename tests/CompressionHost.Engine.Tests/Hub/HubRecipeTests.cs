using CompressionHost.Hub;
using CompressionHost.Hub.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace CompressionHost.Engine.Tests;

/// <summary>Recipes whose teacher is a model of the hub, here one of this machine.</summary>
public sealed class HubRecipeTests
{
    private const string Yaml =
        """
        recipe: 1
        name: from-hub
        threads: 1
        teacher: { use: huggingface-clip, model: "hf:owner/name" }
        quantize: [ { match: "*.mlp.*", use: ternary }, { match: "*", keep: float16 } ]
        pack: [ { use: native } ]
        """;

    [Fact]
    public async Task A_plan_fetches_no_weights_and_a_run_records_the_commit()
    {
        using var folder = new TemporaryFolder();
        await using var hub = await FakeHub.StartAsync();
        foreach (var file in Directory.GetFiles(MakeCheckpoint(folder)))
            hub.Files[Path.GetFileName(file)] = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        using var services = Services(hub, folder);
        var recipe = TinyRecipe.Read(services, Yaml, folder["hub.yaml"]);

        var plan = services.GetRequiredService<Planner>().Plan(recipe);
        Assert.Equal($"hf:owner/name@{FakeHub.Commit}", plan.Model.Origin);
        Assert.Equal(4, plan.Sites.Count(s => s.Scheme == "ternary"));
        Assert.All(hub.Requests.Where(r => r.Storage), r => Assert.StartsWith("bytes=0-", r.Range, StringComparison.Ordinal));

        var events = new EventList();
        var result = services.GetRequiredService<Runner>().Run(recipe, new RunOptions { OutputDirectory = folder["runs"] }, events, TestContext.Current.CancellationToken);
        Assert.Equal(ExitCodes.Success, result.ExitCode);
        var last = events.Events.OfType<DownloadAdvanced>().Last();
        Assert.Equal(("model.safetensors", last.TotalBytes), (last.File, last.Bytes));
        var lockFile = await File.ReadAllTextAsync(Path.Combine(result.Directory, "recipe.lock.yaml"), TestContext.Current.CancellationToken);
        Assert.Contains($"- {{ hub: 'hf:owner/name@{FakeHub.Commit}' }}", lockFile, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_the_hub_does_not_have_is_a_fault_at_its_line()
    {
        using var folder = new TemporaryFolder();
        await using var hub = await FakeHub.StartAsync();
        using var services = Services(hub, folder);
        var recipe = TinyRecipe.Read(services, Yaml.Replace("owner/name", "owner/other", StringComparison.Ordinal), folder["hub.yaml"]);
        var e = Assert.Throws<RecipeException>(() => services.GetRequiredService<Planner>().Plan(recipe));
        var fault = Assert.Single(e.Diagnostics);
        Assert.Equal(4, fault.Span.Line);
        Assert.Contains("hf:owner/other", fault.Message, StringComparison.Ordinal);
    }

    private static string MakeCheckpoint(TemporaryFolder folder)
    {
        using var services = new ServiceCollection().AddCompressionHost().BuildServiceProvider();
        var recipe = TinyRecipe.Read(
            services, TinyRecipe.Yaml.Replace("use: native", "use: huggingface", StringComparison.Ordinal).Replace("steps: 6", "steps: 1", StringComparison.Ordinal), folder["tiny.yaml"]);
        var result = services.GetRequiredService<Runner>().Run(recipe, new RunOptions { OutputDirectory = folder["made"] }, new EventList(), TestContext.Current.CancellationToken);
        return Path.Combine(result.Directory, "package", "huggingface");
    }

    private static ServiceProvider Services(FakeHub hub, TemporaryFolder folder) => new ServiceCollection().AddCompressionHost(
        o => o.Hub = new HubOptions { Endpoint = hub.Endpoint, CacheFolder = folder["cache"], RetryDelay = TimeSpan.FromMilliseconds(1) }).BuildServiceProvider();
}
