using CompressionHost.Tensors;

namespace CompressionHost.Hub;

/// <summary>The files of one commit of a model, at the hub or in the cache.</summary>
internal interface IModelFiles
{
    /// <summary>The commit.</summary>
    string Commit { get; }

    /// <summary>The folder that its files are in once they are fetched.</summary>
    string Folder { get; }

    /// <summary>Every file it has.</summary>
    IReadOnlySet<string> Names { get; }

    /// <summary>Whether a file is in <see cref="Folder"/>.</summary>
    bool IsHere(string name);

    /// <summary>Puts a file into <see cref="Folder"/>, unless it is there.</summary>
    /// <exception cref="InvalidInputException">It cannot be had.</exception>
    Task FetchAsync(string name, IProgress<HubProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Reads what a safetensors file begins with: the length of its header and the header.</summary>
    /// <exception cref="InvalidInputException">It cannot be had, or is no such file.</exception>
    Task<(byte[] Header, long FileBytes)> FetchHeaderAsync(string name, CancellationToken cancellationToken);
}
