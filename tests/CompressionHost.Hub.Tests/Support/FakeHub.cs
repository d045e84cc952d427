using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CompressionHost.Hub.Tests;

/// <summary>
/// A hub and, on a port of its own, the host that its large files come from. It speaks as much of the protocol as is public: a list of
/// files, digests in headers, redirects, ranges; and it can fail in the ways that networks do.
/// </summary>
internal sealed class FakeHub : IAsyncDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private readonly WebApplication _hub;
    private readonly WebApplication _storage;

    private FakeHub()
    {
        (_hub, _storage) = (Build(), Build());
        _hub.Run(ServeHub);
        _storage.Run(ServeStorage);
    }

    public Uri Endpoint => new(_hub.Urls.Single());

    public Uri Storage => new(_storage.Urls.Single());

    public Dictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Names in the list of files that are no files.</summary>
    public List<string> Listed { get; } = [];

    /// <summary>The only revision beside the commit.</summary>
    public string Branch { get; set; } = "main";

    public string Head { get; set; } = Commit;

    /// <summary>The token that is needed; null for none.</summary>
    public string? Token { get; set; }

    /// <summary>Answers 403 whoever asks.</summary>
    public bool Gated { get; set; }

    /// <summary>How many of the next requests are answered with 503.</summary>
    public int Busy;

    /// <summary>How many of the next large answers are cut in the middle.</summary>
    public int Cuts;

    /// <summary>Flips a bit of every large answer.</summary>
    public bool Damages { get; set; }

    public bool IgnoresRanges { get; set; }

    /// <summary>Where large files are redirected to instead of <see cref="Storage"/>.</summary>
    public string? RedirectTo { get; set; }

    /// <summary>Length that is claimed for large files.</summary>
    public long? ClaimedBytes { get; set; }

    public ConcurrentQueue<Request> Requests { get; } = [];

    public static async Task<FakeHub> StartAsync()
    {
        var hub = new FakeHub();
        await hub._hub.StartAsync(TestContext.Current.CancellationToken);
        await hub._storage.StartAsync(TestContext.Current.CancellationToken);
        return hub;
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        await _storage.DisposeAsync();
    }

    public static string Digest(string name, byte[] content)
    {
        if (IsLarge(name))
            return Convert.ToHexStringLower(SHA256.HashData(content));
        var prefix = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {content.Length}\0"));
        return Convert.ToHexStringLower(SHA1.HashData([.. prefix, .. content]));
    }

    private static bool IsLarge(string name) => name.EndsWith(".safetensors", StringComparison.Ordinal);

    private static WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder.Build();
    }

    private bool Note(HttpContext context, bool storage)
    {
        var range = context.Request.Headers.Range.ToString();
        Requests.Enqueue(new Request(storage, context.Request.Method, context.Request.Path, range, context.Request.Headers.Authorization.ToString()));
        if (Interlocked.Decrement(ref Busy) < 0)
            return true;
        context.Response.StatusCode = 503;
        return false;
    }

    private async Task ServeHub(HttpContext context)
    {
        if (!Note(context, storage: false))
            return;
        var (request, response) = (context.Request, context.Response);
        response.StatusCode = Gated ? 403 : Token is not null && request.Headers.Authorization != $"Bearer {Token}" ? 401 : 200;
        if (response.StatusCode != 200)
            return;
        var path = Uri.UnescapeDataString(request.Path);
        if (path.Contains("old/name", StringComparison.Ordinal))
            (response.StatusCode, response.Headers.Location) = (307, path.Replace("old/name", "owner/name", StringComparison.Ordinal));
        else if (path.StartsWith("/api/models/", StringComparison.Ordinal))
            await List(path, response);
        else if (Content(path) is var (name, content))
            await Resolve(context, name, content);
        else
            response.StatusCode = 404;
    }

    private async Task List(string path, HttpResponse response)
    {
        const string Prefix = "/api/models/owner/name/revision/";
        if (path != Prefix + Branch && path != Prefix + Head)
        {
            response.StatusCode = 404;
            response.Headers["X-Error-Code"] = path.StartsWith(Prefix, StringComparison.Ordinal) ? "RevisionNotFound" : "RepoNotFound";
            return;
        }
        var siblings = Files.Keys.Concat(Listed).Select(n => new { rfilename = n });
        await response.WriteAsync(JsonSerializer.Serialize(new { sha = Head, siblings }));
    }

    private (string Name, byte[] Content)? Content(string path)
    {
        var name = path.Split('/')[^1];
        return path == $"/owner/name/resolve/{Head}/{name}" && Files.TryGetValue(name, out var content) ? (name, content) : null;
    }

    private async Task Resolve(HttpContext context, string name, byte[] content)
    {
        var headers = context.Response.Headers;
        headers["X-Repo-Commit"] = Head;
        if (!IsLarge(name))
        {
            headers.ETag = $"\"{Digest(name, content)}\"";
            await Send(context, content);
            return;
        }
        headers["X-Linked-ETag"] = $"\"{Digest(name, content)}\"";
        headers["X-Linked-Size"] = (ClaimedBytes ?? content.Length).ToString(CultureInfo.InvariantCulture);
        headers.ETag = "\"something else\"";
        context.Response.StatusCode = 302;
        headers.Location = RedirectTo ?? new Uri(Storage, $"{name}?signature=1").AbsoluteUri;
    }

    private async Task ServeStorage(HttpContext context)
    {
        if (!Note(context, storage: true))
            return;
        var content = Files[context.Request.Path.Value!.TrimStart('/')];
        if (Damages)
        {
            content = [.. content];
            content[^1] ^= 1;
        }
        await Send(context, content);
    }

    private async Task Send(HttpContext context, byte[] content)
    {
        var (request, response) = (context.Request, context.Response);
        var from = 0;
        var to = content.Length - 1;
        if (!IgnoresRanges && request.GetTypedHeaders().Range?.Ranges.Single() is { } range)
        {
            from = (int)range.From!.Value;
            to = (int)Math.Min(range.To ?? to, to);
            response.StatusCode = 206;
            response.Headers.ContentRange = $"bytes {from}-{to}/{content.Length}";
        }
        response.ContentLength = to - from + 1;
        if (request.Method == "HEAD")
            return;
        var part = content.AsMemory(from, to - from + 1);
        if (part.Length > 1000 && Interlocked.Decrement(ref Cuts) >= 0)
        {
            await response.Body.WriteAsync(part[..(part.Length / 2)]);
            await response.Body.FlushAsync();
            context.Abort();
            return;
        }
        await response.Body.WriteAsync(part);
    }

    internal sealed record Request(bool Storage, string Method, string Path, string Range, string Authorization);
}
