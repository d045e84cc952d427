namespace CompressionHost.Abstractions;

/// <summary>A model's files as a folder. Valid until it is disposed of.</summary>
public sealed class ModelFolder : IDisposable
{
    private readonly IDisposable? _owner;

    /// <param name="path">The folder.</param>
    /// <param name="origin">The hub's reference with the commit, such as <c>hf:owner/name@0123...</c>; null for a folder of this machine.</param>
    /// <param name="owner">What to dispose of with it.</param>
    public ModelFolder(string path, string? origin = null, IDisposable? owner = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        (Path, Origin, _owner) = (path, origin, owner);
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The hub's reference with the commit, which names the same files for ever; null for a folder of this machine.</summary>
    public string? Origin { get; }

    /// <summary>A header that was read from here, with its origin. The commit stands for the files, which may not be here yet.</summary>
    public ModelHeader Describe(ModelHeader header)
    {
        ArgumentNullException.ThrowIfNull(header);
        return Origin is null ? header : header with { Origin = Origin, Files = [] };
    }

    /// <inheritdoc/>
    public void Dispose() => _owner?.Dispose();
}
