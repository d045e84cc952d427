using CompressionHost.Tensors;
using Microsoft.Extensions.Logging;

namespace CompressionHost.Hub;

/// <summary>
/// Gives models of the Hugging Face hub as folders. Files are kept in the cache that the hub's other clients use, and what those have fetched is
/// not fetched again. Safe for several threads and processes.
/// </summary>
public sealed partial class ModelHub : IDisposable
{
    private readonly HubServices _services;

    /// <param name="options">Where the hub and the cache are.</param>
    /// <param name="logger">Told of downloads and of what is tried again.</param>
    public ModelHub(HubOptions options, ILogger<ModelHub> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logger);
        _services = new HubServices(options, new HubClient(options), new Retries(options, logger), logger);
        if (_services.Client.WithholdsToken)
            TokenWithheld(logger, options.Endpoint.Scheme);
    }

    /// <summary>The model with its weights, fetched where they are not cached.</summary>
    /// <param name="model">What to fetch.</param>
    /// <param name="weights">
    /// Names of the weights to look for without their ending, such as <c>model</c>; the first that the model has is fetched. None for a model's
    /// configuration and tokenizer alone.
    /// </param>
    /// <param name="progress">Told how far each file is.</param>
    /// <param name="cancellationToken">Ends the download early; what has arrived is kept for the next one.</param>
    /// <exception cref="InvalidInputException">It cannot be had; the message says why and what to do.</exception>
    public Task<HubFolder> DownloadAsync(
        HubReference model, IReadOnlyList<string> weights, IProgress<HubProgress>? progress = null, CancellationToken cancellationToken = default) =>
        WithFilesAsync(
            model,
            async files =>
            {
                foreach (var name in AllowedFiles.Small(files.Names))
                    await files.FetchAsync(name, progress, cancellationToken).ConfigureAwait(false);
                foreach (var name in await WeightsAsync(model, files, weights, cancellationToken).ConfigureAwait(false))
                    await files.FetchAsync(name, progress, cancellationToken).ConfigureAwait(false);
                return new HubFolder(files.Folder, model.At(files.Commit), isTemporary: false);
            },
            cancellationToken);

    /// <summary>
    /// The model with the headers of its weights, read by ranges where they are not cached: names and shapes in a second. Where weights are
    /// missing the folder is temporary, and they are files of the right length without content.
    /// </summary>
    /// <inheritdoc cref="DownloadAsync"/>
    public Task<HubFolder> OpenHeadersAsync(HubReference model, IReadOnlyList<string> weights, CancellationToken cancellationToken = default) =>
        WithFilesAsync(
            model,
            async files =>
            {
                foreach (var name in AllowedFiles.Small(files.Names))
                    await files.FetchAsync(name, null, cancellationToken).ConfigureAwait(false);
                var wanted = await WeightsAsync(model, files, weights, cancellationToken).ConfigureAwait(false);
                return wanted.All(files.IsHere)
                    ? new HubFolder(files.Folder, model.At(files.Commit), isTemporary: false)
                    : await HeaderFolder.CreateAsync(model, files, wanted, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _services.Client.Dispose();

    /// <summary>The index, where there is one, and the safetensors files.</summary>
    private static async Task<IReadOnlyList<string>> WeightsAsync(
        HubReference model, IModelFiles files, IReadOnlyList<string> weights, CancellationToken cancellationToken)
    {
        if (weights.Count == 0)
            return [];
        var main = AllowedFiles.Main(files.Names, weights, model);
        if (!main.EndsWith(AllowedFiles.IndexSuffix, StringComparison.Ordinal))
            return [main];
        await files.FetchAsync(main, null, cancellationToken).ConfigureAwait(false);
        var shards = SafetensorsCheckpoint.ShardNames(Path.Combine(files.Folder, main));
        return shards.FirstOrDefault(s => !AllowedFiles.Allows(s) || !files.Names.Contains(s)) is { } missing
            ? throw new InvalidInputException($"{model}: '{main}' names the shard '{missing}', which the model does not have. Name another revision after @.", model.ToString())
            : [main, .. shards];
    }

    private async Task<HubFolder> WithFilesAsync(HubReference model, Func<IModelFiles, Task<HubFolder>> use, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(model);
        var cache = new RepositoryCache(_services.Options.CacheFolder, model);
        try
        {
            return await use(await OpenAsync(model, cache, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (TransientFaultException e)
        {
            throw new InvalidInputException($"{model}: {e.Message}. What has arrived is kept: run it again to go on, or set HF_HUB_OFFLINE=1 to use the cache alone.", model.ToString(), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{model}: the cache {_services.Options.CacheFolder} cannot be used: {e.Message} Set HF_HUB_CACHE to another folder.", _services.Options.CacheFolder, e);
        }
    }

    private async Task<IModelFiles> OpenAsync(HubReference model, RepositoryCache cache, CancellationToken cancellationToken)
    {
        if (_services.Options.Offline)
        {
            return CachedModel.Find(model, cache)
                ?? throw new InvalidInputException($"{model} is not in the cache ({_services.Options.CacheFolder}), and HF_HUB_OFFLINE forbids to fetch it. Unset it once, or set HF_HUB_CACHE to a cache that has the model.", model.ToString());
        }
        try
        {
            return await RemoteModel.OpenAsync(model, _services, cache, cancellationToken).ConfigureAwait(false);
        }
        catch (TransientFaultException e) when (CachedModel.Find(model, cache) is { } cached)
        {
            UsingCache(_services.Logger, e.Message, model.ToString(), cached.Commit);
            return cached;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Fault}; {Model} is taken from the cache, as of commit {Commit}")]
    private static partial void UsingCache(ILogger logger, string fault, string model, string commit);

    [LoggerMessage(Level = LogLevel.Warning, Message = "HF_TOKEN is not sent: HF_ENDPOINT is {Scheme}, which anyone on the way can read. Use an https address.")]
    private static partial void TokenWithheld(ILogger logger, string scheme);
}
