using CompressionHost.Abstractions;
using CompressionHost.Models;

namespace CompressionHost.Plugins.Teachers;

/// <summary>Opens CLIP checkpoints in Hugging Face's layout, from a folder or from the hub.</summary>
public sealed class HuggingFaceClipLoader(HuggingFaceClipOptions options, IModelStore models) : ITeacherLoader
{
    private static readonly string[] Weights = ["model"];

    // A branch may move between the plan and the load; what was planned is what is loaded.
    private string? _pinned;

    /// <inheritdoc/>
    public ModelHeader ReadHeader()
    {
        using var folder = models.OpenHeaders(options.Model, Weights);
        using var checkpoint = ClipCheckpoint.OpenHuggingFace(folder.Path);
        _pinned = folder.Origin;
        return folder.Describe(checkpoint.Header);
    }

    /// <inheritdoc/>
    public ICompressibleModel Load(ModelLoadContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var folder = models.Open(_pinned ?? options.Model, Weights, context.Progress, cancellationToken);
        using var checkpoint = ClipCheckpoint.OpenHuggingFace(folder.Path);
        return checkpoint.Load(cancellationToken);
    }
}
