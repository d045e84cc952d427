using CompressionHost.Tensors;

namespace CompressionHost.Abstractions;

/// <summary>Opens a checkpoint as a model with named weight sites, or makes a new model from its options.</summary>
public interface ITeacherLoader
{
    /// <summary>
    /// Reads names and shapes, no weights, so that a recipe can be checked in milliseconds. A file is not to be believed: check what its
    /// header claims against its size before allocating.
    /// </summary>
    /// <exception cref="InvalidInputException">The checkpoint is missing, malformed or not of a kind this loader knows.</exception>
    ModelHeader ReadHeader();

    /// <summary>Loads the model. Whoever called disposes of it.</summary>
    /// <param name="context">What a new model needs, and who is told of a download.</param>
    /// <param name="cancellationToken">Ends the load early.</param>
    /// <exception cref="InvalidInputException">The checkpoint is missing, malformed, has NaN or infinite weights, or lacks a tensor.</exception>
    ICompressibleModel Load(ModelLoadContext context, CancellationToken cancellationToken = default);
}

/// <summary>What a loader needs beside its options: seed and texts of a new model, and who is told of a download.</summary>
/// <param name="Seed">Seed of the initial weights.</param>
/// <param name="Texts">The texts the model will be trained on, for loaders that build a vocabulary; read as it is enumerated, may be empty.</param>
public sealed record ModelLoadContext(long Seed, IEnumerable<string> Texts)
{
    /// <summary>Told how far a download is; pass it to <see cref="IModelStore.Open"/>. Null for nobody.</summary>
    public IProgress<ModelDownload>? Progress { get; init; }
}
