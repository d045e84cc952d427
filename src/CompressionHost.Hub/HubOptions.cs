using CompressionHost.Tensors;

namespace CompressionHost.Hub;

/// <summary>Where the hub is, where its files are kept, and who asks.</summary>
public sealed class HubOptions
{
    /// <summary>The hub; <c>HF_ENDPOINT</c>.</summary>
    public Uri Endpoint { get; init; } = new("https://huggingface.co");

    /// <summary>
    /// The folder that holds <c>models--OWNER--NAME</c> folders, shared with the hub's other clients: <c>HF_HUB_CACHE</c>, else <c>hub</c> in
    /// <c>HF_HOME</c>, else <c>huggingface/hub</c> in <c>XDG_CACHE_HOME</c> or in <c>~/.cache</c>.
    /// </summary>
    public required string CacheFolder { get; init; }

    /// <summary>Access token; <c>HF_TOKEN</c>. Sent to <see cref="Endpoint"/> alone, over https or to this machine, and never logged.</summary>
    public string? Token { get; init; }

    /// <summary>Whether to use the cache alone; <c>HF_HUB_OFFLINE</c>.</summary>
    public bool Offline { get; init; }

    /// <summary>How often a request is tried before it counts as failed.</summary>
    public int Attempts { get; init; } = 6;

    /// <summary>Wait before the second attempt; twice as long before each further one.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a server may be silent before the connection counts as cut.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What the environment says, by the names of the hub's own clients.</summary>
    /// <param name="variable">Gives an environment variable; null for those of this process.</param>
    /// <exception cref="InvalidInputException"><c>HF_ENDPOINT</c> is no address.</exception>
    public static HubOptions FromEnvironment(Func<string, string?>? variable = null)
    {
        var read = variable ?? Environment.GetEnvironmentVariable;
        string? Get(string name) => read(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
        var home = Get("HF_HOME") ?? Path.Combine(
            Get("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "huggingface");
        var options = new HubOptions
        {
            CacheFolder = Path.GetFullPath(Get("HF_HUB_CACHE") ?? Path.Combine(home, "hub")),
            Token = Get("HF_TOKEN"),
            Offline = Get("HF_HUB_OFFLINE")?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE",
        };
        return Get("HF_ENDPOINT") is not { } address ? options : new HubOptions
        {
            Endpoint = Uri.TryCreate(address.TrimEnd('/'), UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" && uri.UserInfo.Length == 0
                ? uri
                : throw new InvalidInputException("HF_ENDPOINT is not an http or https address; unset it, or set it to that of a mirror, such as https://hub.example.org."),
            CacheFolder = options.CacheFolder,
            Token = options.Token,
            Offline = options.Offline,
        };
    }
}
