using CompressionHost.Engine;
using CompressionHost.Hub;
using Microsoft.Extensions.Logging;

namespace CompressionHost.Cli;

/// <summary>Models of the hub as arguments of commands: <c>hf:owner/name@revision</c>.</summary>
internal static class HubModels
{
    private static readonly string[] Weights = ["model", "open_clip_model"];

    /// <summary>Fetches a model, with progress on standard error.</summary>
    /// <returns>Its folder in the cache.</returns>
    public static string Fetch(string reference)
    {
        using var interruption = new Interruption();
        using var hub = Open();
        var display = new LineDisplay(new PlainEventLines(TimeProvider.System));
        using var folder = hub.DownloadAsync(HubReference.Parse(reference), Weights, new Relay(display), interruption.Token).GetAwaiter().GetResult();
        return folder.Path;
    }

    /// <summary>Reads the headers of a model's weights; disposed of, the folder may be gone.</summary>
    public static HubFolder OpenHeaders(string reference) => OpenHeaders(reference, Weights);

    /// <summary>Fetches a model's configuration and what else is small, and nothing of its weights.</summary>
    public static HubFolder OpenConfig(string reference) => OpenHeaders(reference, []);

    private static HubFolder OpenHeaders(string reference, IReadOnlyList<string> weights)
    {
        using var interruption = new Interruption();
        using var hub = Open();
        return hub.OpenHeadersAsync(HubReference.Parse(reference), weights, interruption.Token).GetAwaiter().GetResult();
    }

    private static ModelHub Open()
    {
        using var logging = LoggerFactory.Create(b => b.AddProvider(new StandardErrorLoggerProvider(LogFormat.Text)).SetMinimumLevel(LogLevel.Warning));
        return new ModelHub(HubOptions.FromEnvironment(), logging.CreateLogger<ModelHub>());
    }

    private sealed class Relay(IProgress<RunEvent> display) : IProgress<HubProgress>
    {
        public void Report(HubProgress value) => display.Report(new DownloadAdvanced(value.File, value.Bytes, value.TotalBytes));
    }
}
