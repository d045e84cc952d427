using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.Logging;

namespace CompressionHost.Hub.Tests;

/// <summary>A hub with a model, an empty cache and a client of both.</summary>
internal sealed class HubSetup : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<ModelHub> _clients = [];

    private HubSetup(FakeHub hub) => Hub = hub;

    public FakeHub Hub { get; }

    public string Cache => _folder["cache"];

    public string Repository => Path.Combine(Cache, "models--owner--name");

    public MessageList Log { get; } = new();

    /// <summary>A model of one file of <paramref name="values"/> float32 values, which are noise, so that no two parts are equal.</summary>
    public static async Task<HubSetup> StartAsync(int values = 50_000)
    {
        var setup = new HubSetup(await FakeHub.StartAsync());
        setup.Hub.Files["config.json"] = "{\"model_type\":\"clip\"}"u8.ToArray();
        setup.Hub.Files["model.safetensors"] = Safetensors(values, 1);
        setup.Hub.Files["pytorch_model.bin"] = [1, 2, 3];
        return setup;
    }

    public static byte[] Safetensors(int values, int seed, string name = "weight")
    {
        var header = Encoding.UTF8.GetBytes($$$"""{"{{{name}}}":{"dtype":"F32","shape":[{{{values}}}],"data_offsets":[0,{{{values * 4}}}]}}""");
        var bytes = new byte[8 + header.Length + values * 4];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, header.Length);
        header.CopyTo(bytes, 8);
        new Random(seed).NextBytes(bytes.AsSpan(8 + header.Length));
        return bytes;
    }

    public ModelHub Client(string? token = null, bool offline = false, int attempts = 4, Uri? endpoint = null)
    {
        var client = new ModelHub(
            new HubOptions
            {
                Endpoint = endpoint ?? Hub.Endpoint,
                CacheFolder = Cache,
                Token = token,
                Offline = offline,
                Attempts = attempts,
                RetryDelay = TimeSpan.FromMilliseconds(1),
                StallTimeout = TimeSpan.FromSeconds(20),
            },
            Log);
        _clients.Add(client);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        await Hub.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>Keeps what is logged.</summary>
internal sealed class MessageList : ILogger<ModelHub>
{
    private readonly Lock _gate = new();
    private readonly List<string> _messages = [];

    public string Text
    {
        get
        {
            lock (_gate)
                return string.Join('\n', _messages);
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_gate)
            _messages.Add(formatter(state, exception) + exception);
    }
}
