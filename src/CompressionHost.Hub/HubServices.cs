using Microsoft.Extensions.Logging;

namespace CompressionHost.Hub;

/// <summary>What everything here works with.</summary>
internal sealed record HubServices(HubOptions Options, HubClient Client, Retries Retries, ILogger Logger)
{
    /// <summary>Whether a token goes with requests.</summary>
    public bool SendsToken => Options.Token is not null && !Client.WithholdsToken;

    /// <summary>An address at the hub.</summary>
    public Uri Address(string path) => new($"{Options.Endpoint.AbsoluteUri.TrimEnd('/')}/{path}");
}
