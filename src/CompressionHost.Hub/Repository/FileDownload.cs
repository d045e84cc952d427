using System.Net;
using System.Net.Http.Headers;
using CompressionHost.Tensors;
using Microsoft.Extensions.Logging;

namespace CompressionHost.Hub;

/// <summary>
/// Fetches one file into the cache. What arrives is appended to <c>DIGEST.incomplete</c>, from which a later attempt or run goes on; only what has
/// the promised digest is renamed.
/// </summary>
internal sealed partial class FileDownload(HubReference model, HubServices services, RepositoryCache cache)
{
    // A report for each hundredth of a file.
    private const int Reports = 100;

    /// <summary>Puts a file into its commit's folder.</summary>
    /// <exception cref="TransientFaultException">The server was lost.</exception>
    /// <exception cref="InvalidInputException">It refuses, the disk is full, or the content is not what was promised.</exception>
    public async Task RunAsync(RemoteFile file, IProgress<HubProgress>? progress, CancellationToken cancellationToken)
    {
        using var ours = await cache.LockAsync(file.Digest, cancellationToken).ConfigureAwait(false);
        var blob = cache.Blob(file.Digest);
        if (new FileInfo(blob) is not { Exists: true } known || known.Length != file.Bytes)
        {
            var incomplete = blob + ".incomplete";
            var resumed = await FillAsync(file, incomplete, progress, cancellationToken).ConfigureAwait(false);
            if (!await file.Digest.MatchesAsync(incomplete, cancellationToken).ConfigureAwait(false))
            {
                File.Delete(incomplete);
                // What an earlier run left may be the part at fault.
                if (!resumed)
                    throw Damaged(file);
                await FillAsync(file, incomplete, progress, cancellationToken).ConfigureAwait(false);
                if (!await file.Digest.MatchesAsync(incomplete, cancellationToken).ConfigureAwait(false))
                {
                    File.Delete(incomplete);
                    throw Damaged(file);
                }
            }
            File.Move(incomplete, blob, overwrite: true);
            Fetched(services.Logger, file.Name, model.ToString(), file.Bytes);
        }
        cache.Link(model.Revision, file.Name, file.Digest);
    }

    /// <summary>Completes a file.</summary>
    /// <returns>Whether part of it was there before.</returns>
    private async Task<bool> FillAsync(RemoteFile file, string path, IProgress<HubProgress>? progress, CancellationToken cancellationToken)
    {
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
        await using (stream.ConfigureAwait(false))
        {
            if (stream.Length > file.Bytes)
                stream.SetLength(0);
            var resumed = stream.Length > 0;
            cache.RequireSpace(file.Bytes - stream.Length, $"{model}: '{file.Name}'");
            if (stream.Length < file.Bytes)
                await services.Retries.RunAsync(() => AppendAsync(file, stream, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
            stream.Flush(flushToDisk: true);
            return resumed;
        }
    }

    private async Task<bool> AppendAsync(RemoteFile file, FileStream stream, IProgress<HubProgress>? progress, CancellationToken cancellationToken)
    {
        var have = stream.Length;
        var range = have > 0 ? new RangeHeaderValue(have, null) : null;
        using var response = await services.Client.SendAsync(HttpMethod.Get, file.Address, range, null, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.RequestedRangeNotSatisfiable)
            Refusals.Check(response, model, file.Name, services.SendsToken);
        var goesOn = have > 0 && response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == have;
        if (!goesOn)
            stream.SetLength(have = 0);
        if (!response.IsSuccessStatusCode || (!goesOn && response.StatusCode == HttpStatusCode.PartialContent))
            throw new TransientFaultException($"{file.Address.Authority} does not go on with '{file.Name}' where it was cut");
        stream.Position = have;
        var reported = have;
        await HubBody.CopyAsync(
            response, file.Bytes - have, services.Options.StallTimeout,
            async part =>
            {
                await stream.WriteAsync(part, cancellationToken).ConfigureAwait(false);
                if (stream.Position - reported < file.Bytes / Reports && stream.Position < file.Bytes)
                    return;
                reported = stream.Position;
                progress?.Report(new HubProgress(file.Name, reported, file.Bytes));
            },
            cancellationToken).ConfigureAwait(false);
        return stream.Length == file.Bytes
            ? true
            : throw new TransientFaultException($"'{file.Name}' ended after {stream.Length} of {file.Bytes} bytes", progressed: stream.Length - have >= HubBody.Progress);
    }

    private InvalidInputException Damaged(RemoteFile file) => new(
        $"{model}: '{file.Name}' as it arrived is not the file the hub describes: its digest is not {file.Digest.Hex}. Nothing of it was kept; try again, or check HF_ENDPOINT and proxies.", model.ToString());

    [LoggerMessage(Level = LogLevel.Information, Message = "fetched {File} of {Model}, {Bytes} bytes")]
    private static partial void Fetched(ILogger logger, string file, string model, long bytes);
}
