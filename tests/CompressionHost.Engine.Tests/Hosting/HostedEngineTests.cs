using CompressionHost.Tensors;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CompressionHost.Engine.Tests;

/// <summary>The engine in an application of somebody else: a host with a background service, as a web application has.</summary>
public sealed class HostedEngineTests
{
    [Fact]
    public async Task A_background_service_runs_a_recipe()
    {
        using var folder = new TemporaryFolder();
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddCompressionHost();
        builder.Services.AddSingleton(folder);
        builder.Services.AddSingleton<CompressionService>();
        builder.Services.AddHostedService(p => p.GetRequiredService<CompressionService>());
        using var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        var service = host.Services.GetRequiredService<CompressionService>();
        var (result, events) = await service.Done.WaitAsync(TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);
        await host.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(ExitCodes.Success, result.ExitCode);
        Assert.Equal(["derive student", "distil", "quantize", "pack", "evaluate", "gate", "report"], events.OfType<StageFinished>().Select(e => e.Stage));
        using var package = NativePackageFile.Open(Directory.GetFiles(Path.Combine(result.Directory, "package", "native"), "*.chpkg").Single());
        var quantized = package.Read().Tensors.Where(t => t.Quantized is not null).Select(t => t.Name).ToList();
        Assert.Equal(4, quantized.Count);
        Assert.All(quantized, name => Assert.Contains(".mlp.", name, StringComparison.Ordinal));
    }

    [Fact]
    public void A_cancelled_run_leaves_a_checkpoint_and_resumes_to_the_same_package()
    {
        using var folder = new TemporaryFolder();
        using var services = new ServiceCollection().AddCompressionHost().BuildServiceProvider();
        var recipe = TinyRecipe.Read(services, TinyRecipe.Yaml, folder["tiny.yaml"]);
        var runner = services.GetRequiredService<Runner>();
        var whole = runner.Run(recipe, new RunOptions { OutputDirectory = folder["whole"] }, new EventList(), TestContext.Current.CancellationToken);

        using var stop = new CancellationTokenSource();
        var options = new RunOptions { OutputDirectory = folder["cut"] };
        var cut = runner.Run(recipe, options, new EventList { Seen = e => Stop(e, stop) }, stop.Token);
        Assert.Equal(ExitCodes.Interrupted, cut.ExitCode);
        Assert.False(Directory.Exists(Path.Combine(cut.Directory, "package")));
        var resumed = runner.Run(recipe, options with { Resume = true }, new EventList(), TestContext.Current.CancellationToken);
        Assert.Equal(cut.Directory, resumed.Directory);
        Assert.Equal(Package(whole), Package(resumed));

        // Resuming a finished run does nothing and says how it ended.
        var again = new EventList();
        Assert.Equal(resumed.ExitCode, runner.Run(recipe, options with { Resume = true }, again, TestContext.Current.CancellationToken).ExitCode);
        Assert.IsType<RunFinished>(Assert.Single(again.Events));
    }

    private static void Stop(RunEvent e, CancellationTokenSource stop)
    {
        if (e is TrainingAdvanced { Point.Step: 3 })
            stop.Cancel();
    }

    private static byte[] Package(RunResult result) => File.ReadAllBytes(Path.Combine(result.Directory, "package", "native", "model.chpkg"));

    private sealed class CompressionService(TemporaryFolder folder, IServiceProvider services) : BackgroundService
    {
        private readonly TaskCompletionSource<(RunResult, IReadOnlyList<RunEvent>)> _done = new();

        public Task<(RunResult Result, IReadOnlyList<RunEvent> Events)> Done => _done.Task;

        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(
            () =>
            {
                try
                {
                    var recipe = TinyRecipe.Read(services, TinyRecipe.Yaml, folder["tiny.yaml"]);
                    var events = new EventList();
                    var result = services.GetRequiredService<Runner>().Run(recipe, new RunOptions { OutputDirectory = folder["runs"] }, events, stoppingToken);
                    _done.SetResult((result, events.Events));
                }
                catch (Exception e)
                {
                    _done.SetException(e);
                }
            },
            stoppingToken);
    }
}
