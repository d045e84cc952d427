using CompressionHost.Abstractions;
using TorchSharp;

namespace CompressionHost.Models.Tests;

/// <summary>Loading happens once a process, so each test here has one of its own.</summary>
public sealed class TorchFirstUseTests
{
    private const string IsChild = "COMPRESSIONHOST_TEST_FIRST_USE";

    [Fact]
    public async Task Who_asks_for_the_library_and_who_just_uses_it_do_not_wait_for_each_other_forever()
    {
        if (Environment.GetEnvironmentVariable(IsChild) is null)
        {
            Assert.Contains("succeeded: 1", await ChildProcess.RunTests(typeof(TorchFirstUseTests), IsChild, "1"), StringComparison.Ordinal);
            return;
        }
        // A first use initializes TorchSharp's classes, which load the library; to ask for it is to load it and then to use those classes.
        using var start = new Barrier(8);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                if (i % 2 == 0)
                    TorchRuntime.EnsureLoaded();
                else
                    torch.ones(2).Dispose();
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        using var two = torch.tensor(2f);
        Assert.Equal(2f, two.item<float>());
    }
}
