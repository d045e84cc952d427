using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using CompressionHost.Tensors;

namespace CompressionHost.Hub;

/// <summary>One commit of a model at the hub. Nothing the server says is believed before it is checked.</summary>
internal sealed class RemoteModel : IModelFiles
{
    // Enough for the header of a CLIP checkpoint in one request.
    private const int FirstHeaderBytes = 1 << 18;
    private const int LargestListing = 32 << 20;

    private readonly HubReference _model;
    private readonly HubServices _services;
    private readonly RepositoryCache _cache;
    private readonly FileDownload _download;

    private RemoteModel(HubReference model, HubServices services, RepositoryCache cache, string commit, IReadOnlySet<string> names)
    {
        (_model, _services, _cache, Commit, Names) = (model, services, cache, commit, names);
        _download = new FileDownload(model, services, cache);
    }

    /// <inheritdoc/>
    public string Commit { get; }

    /// <inheritdoc/>
    public string Folder => _cache.Snapshot(Commit);

    /// <inheritdoc/>
    public IReadOnlySet<string> Names { get; }

    /// <summary>Asks which commit a revision is and what files it has.</summary>
    /// <exception cref="TransientFaultException">The hub cannot be reached.</exception>
    /// <exception cref="InvalidInputException">It refuses, or there is no such model.</exception>
    public static async Task<RemoteModel> OpenAsync(HubReference model, HubServices services, RepositoryCache cache, CancellationToken cancellationToken)
    {
        var address = services.Address($"api/models/{model.Owner}/{model.Name}/revision/{Uri.EscapeDataString(model.Revision)}");
        var listing = await services.Retries.RunAsync(
            async () =>
            {
                using var response = await services.Client.SendAsync(HttpMethod.Get, address, null, null, cancellationToken).ConfigureAwait(false);
                Refusals.Check(response, model, null, services.SendsToken);
                return await HubBody.ReadAsync(response, LargestListing, services.Options.StallTimeout, cancellationToken).ConfigureAwait(false)
                    ?? throw new InvalidInputException($"{model}: the hub's list of files has more than {LargestListing >> 20} MiB. Check HF_ENDPOINT.", model.ToString());
            },
            cancellationToken).ConfigureAwait(false);
        var (commit, names) = Parse(listing, model);
        cache.Remember(model, commit);
        return new RemoteModel(model.At(commit), services, cache, commit, names);
    }

    /// <inheritdoc/>
    public bool IsHere(string name) => File.Exists(Path.Combine(Folder, name));

    /// <inheritdoc/>
    public async Task FetchAsync(string name, IProgress<HubProgress>? progress, CancellationToken cancellationToken)
    {
        if (!IsHere(name))
            await _download.RunAsync(await DescribeAsync(name, cancellationToken).ConfigureAwait(false), progress, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<(byte[] Header, long FileBytes)> FetchHeaderAsync(string name, CancellationToken cancellationToken)
    {
        var file = await DescribeAsync(name, cancellationToken).ConfigureAwait(false);
        var start = await RangeAsync(file, 0, (int)Math.Min(FirstHeaderBytes, file.Bytes), cancellationToken).ConfigureAwait(false);
        var claimed = start.Length >= sizeof(ulong) ? BinaryPrimitives.ReadUInt64LittleEndian(start) : ulong.MaxValue;
        if (claimed > (ulong)Math.Min(SafetensorsFile.MaxHeaderBytes, file.Bytes - sizeof(ulong)))
            throw new InvalidInputException($"{_model}: '{name}' is no safetensors file: its header claims {claimed} of {file.Bytes} bytes. Name another model or revision.", _model.ToString());
        var length = sizeof(ulong) + (int)claimed;
        if (length <= start.Length)
            return (start[..length], file.Bytes);
        var rest = await RangeAsync(file, start.Length, length - start.Length, cancellationToken).ConfigureAwait(false);
        return ([.. start, .. rest], file.Bytes);
    }

    /// <summary>Asks for a file's length and digest, which stand in the first answer that is the hub's own.</summary>
    private Task<RemoteFile> DescribeAsync(string name, CancellationToken cancellationToken)
    {
        var address = _services.Address($"{_model.Owner}/{_model.Name}/resolve/{Commit}/{name}");
        return _services.Retries.RunAsync(
            async () =>
            {
                using var response = await _services.Client.SendAsync(HttpMethod.Head, address, null, r => Header(r, "X-Linked-ETag") is not null, cancellationToken).ConfigureAwait(false);
                Refusals.Check(response, _model, name, _services.SendsToken);
                var digest = ContentDigest.FromTag(Header(response, "X-Linked-ETag") ?? Header(response, "ETag"));
                var size = long.TryParse(Header(response, "X-Linked-Size"), out var linked) ? linked : response.Content.Headers.ContentLength ?? -1;
                if (digest is null || size < 0)
                    throw new InvalidInputException($"{_model}: the hub gives no {(digest is null ? "digest" : "length")} for '{name}', so it cannot be checked. Check HF_ENDPOINT.", _model.ToString());
                if (!AllowedFiles.IsWeights(name) && size > AllowedFiles.LargestSmallFile)
                    throw new InvalidInputException($"{_model}: '{name}' has {size >> 20} MiB; such a file has at most {AllowedFiles.LargestSmallFile >> 20}. Name another model or revision.", _model.ToString());
                return new RemoteFile(name, address, digest, size);
            },
            cancellationToken);
    }

    private Task<byte[]> RangeAsync(RemoteFile file, long offset, int length, CancellationToken cancellationToken) => _services.Retries.RunAsync(
        async () =>
        {
            using var response = await _services.Client.SendAsync(
                HttpMethod.Get, file.Address, new RangeHeaderValue(offset, offset + length - 1), null, cancellationToken).ConfigureAwait(false);
            Refusals.Check(response, _model, file.Name, _services.SendsToken);
            // A server without ranges sends the file from its beginning; reading on to the part that is wanted could be gigabytes.
            var isPart = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == offset;
            if (!isPart && offset > 0)
                throw new InvalidInputException($"{_model}: the server of '{file.Name}' sends no ranges. Fetch the model first, with 'run' or 'inspect'.", _model.ToString());
            return await HubBody.ReadStartAsync(response, length, _services.Options.StallTimeout, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static (string Commit, IReadOnlySet<string> Names) Parse(byte[] listing, HubReference model)
    {
        try
        {
            using var document = JsonDocument.Parse(listing, new JsonDocumentOptions { MaxDepth = 16 });
            var commit = document.RootElement.GetProperty("sha").GetString() ?? "";
            var names = document.RootElement.GetProperty("siblings").EnumerateArray().Select(s => s.GetProperty("rfilename").GetString() ?? "");
            // Names that are not allowed are kept for messages alone: every one is checked again before it is fetched.
            return HubReference.IsCommit(commit) && (!model.IsPinned || commit == model.Revision)
                ? (commit, names.ToHashSet(StringComparer.Ordinal))
                : throw new InvalidInputException($"{model}: the hub's answer names no commit. Check HF_ENDPOINT.", model.ToString());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InvalidInputException($"{model}: the hub's answer is no list of files: {e.Message} Check HF_ENDPOINT.", model.ToString(), e);
        }
    }
}
