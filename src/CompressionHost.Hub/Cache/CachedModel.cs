using CompressionHost.Tensors;

namespace CompressionHost.Hub;

/// <summary>A commit of a model as it lies in the cache, without the hub.</summary>
internal sealed class CachedModel : IModelFiles
{
    private readonly HubReference _model;

    private CachedModel(HubReference model, string folder, string commit)
    {
        (_model, Folder, Commit) = (model, folder, commit);
        Names = Directory.EnumerateFiles(folder).Where(File.Exists).Select(f => Path.GetFileName(f)!).Where(AllowedFiles.Allows).ToHashSet(StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public string Commit { get; }

    /// <inheritdoc/>
    public string Folder { get; }

    /// <inheritdoc/>
    public IReadOnlySet<string> Names { get; }

    /// <summary>The commit that a revision had; null where the cache has nothing of it.</summary>
    public static CachedModel? Find(HubReference model, RepositoryCache cache) =>
        cache.CommitOf(model) is { } commit && Directory.Exists(cache.Snapshot(commit)) ? new CachedModel(model, cache.Snapshot(commit), commit) : null;

    /// <inheritdoc/>
    public bool IsHere(string name) => Names.Contains(name);

    /// <inheritdoc/>
    public Task FetchAsync(string name, IProgress<HubProgress>? progress, CancellationToken cancellationToken) =>
        IsHere(name) ? Task.CompletedTask : throw Missing(name);

    /// <inheritdoc/>
    public Task<(byte[] Header, long FileBytes)> FetchHeaderAsync(string name, CancellationToken cancellationToken) => throw Missing(name);

    private InvalidInputException Missing(string name) =>
        new($"{_model}: '{name}' is not in the cache ({Folder}), and the hub is not asked. Unset HF_HUB_OFFLINE, or connect, to fetch it.", Folder);
}
