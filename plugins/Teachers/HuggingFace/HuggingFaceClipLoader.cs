using CompressionHost.Abstractions;
using CompressionHost.Models;

namespace CompressionHost.Plugins.Teachers;

/// <summary>Opens CLIP checkpoints in Hugging Face's layout.</summary>
public sealed class HuggingFaceClipLoader(HuggingFaceClipOptions options) : ITeacherLoader
{
    /// <inheritdoc/>
    public ModelHeader ReadHeader()
    {
        using var checkpoint = ClipCheckpoint.OpenHuggingFace(options.Model);
        return checkpoint.Header;
    }

    /// <inheritdoc/>
    public ICompressibleModel Load(ModelLoadContext context, CancellationToken cancellationToken = default)
    {
        using var checkpoint = ClipCheckpoint.OpenHuggingFace(options.Model);
        return checkpoint.Load(cancellationToken);
    }
}
