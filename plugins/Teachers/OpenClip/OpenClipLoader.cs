using CompressionHost.Abstractions;
using CompressionHost.Models;

namespace CompressionHost.Plugins.Teachers;

/// <summary>Opens CLIP checkpoints in open_clip's layout.</summary>
public sealed class OpenClipLoader(OpenClipOptions options) : ITeacherLoader
{
    /// <inheritdoc/>
    public ModelHeader ReadHeader()
    {
        using var checkpoint = ClipCheckpoint.OpenOpenClip(options.Model, options.Tokenizer);
        return checkpoint.Header;
    }

    /// <inheritdoc/>
    public ICompressibleModel Load(ModelLoadContext context, CancellationToken cancellationToken = default)
    {
        using var checkpoint = ClipCheckpoint.OpenOpenClip(options.Model, options.Tokenizer);
        return checkpoint.Load(cancellationToken);
    }
}
