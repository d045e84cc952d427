using CompressionHost.Tensors;

namespace CompressionHost.Abstractions;

/// <summary>
/// Gives the files of a model as a folder, whether the recipe names a folder or a model on the Hugging Face hub
/// (<c>hf:owner/name@revision</c>). A loader asks for it in its constructor.
/// </summary>
public interface IModelStore
{
    /// <summary>The model's configuration and the headers of its weights, without their values: what <see cref="ITeacherLoader.ReadHeader"/> needs.</summary>
    /// <param name="model">A folder, given back as it is, or a reference to the hub.</param>
    /// <param name="weights">
    /// Names of the weights to look for on the hub without their ending, such as <c>model</c>; the first that is there is taken. None for the
    /// configuration and the tokenizer alone.
    /// </param>
    /// <param name="cancellationToken">Ends the request early.</param>
    /// <exception cref="InvalidInputException">The hub does not have it, refuses it or cannot be reached.</exception>
    ModelFolder OpenHeaders(string model, IReadOnlyList<string> weights, CancellationToken cancellationToken = default);

    /// <summary>The model with its weights, fetched where they are not cached.</summary>
    /// <param name="model">A folder, given back as it is, or a reference to the hub.</param>
    /// <param name="weights">Names of the weights, as for <see cref="OpenHeaders"/>.</param>
    /// <param name="progress">Told how far a download is; null for nobody.</param>
    /// <param name="cancellationToken">Ends the download early; what has arrived is kept for the next one.</param>
    /// <exception cref="InvalidInputException">The hub does not have it, refuses it or cannot be reached.</exception>
    ModelFolder Open(string model, IReadOnlyList<string> weights, IProgress<ModelDownload>? progress = null, CancellationToken cancellationToken = default);
}

/// <summary>How far the download of a model's file is.</summary>
/// <param name="File">The file that arrives.</param>
/// <param name="Bytes">Bytes of it that are here.</param>
/// <param name="TotalBytes">Bytes it has.</param>
public sealed record ModelDownload(string File, long Bytes, long TotalBytes);
