using CompressionHost.Abstractions;
using CompressionHost.Models;

namespace CompressionHost.Plugins.Teachers;

/// <summary>Opens CLIP checkpoints in open_clip's layout, from a folder or from the hub.</summary>
public sealed class OpenClipLoader(OpenClipOptions options, IModelStore models) : ITeacherLoader
{
    private static readonly string[] Weights = ["open_clip_model"];

    // A branch may move between the plan and the load; what was planned is what is loaded.
    private string? _pinned;

    /// <inheritdoc/>
    public ModelHeader ReadHeader()
    {
        using var folder = models.OpenHeaders(options.Model, Weights);
        using var tokenizer = Tokenizer(default);
        using var checkpoint = ClipCheckpoint.OpenOpenClip(folder.Path, tokenizer?.Path);
        _pinned = folder.Origin;
        return folder.Describe(checkpoint.Header);
    }

    /// <inheritdoc/>
    public ICompressibleModel Load(ModelLoadContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var folder = models.Open(_pinned ?? options.Model, Weights, context.Progress, cancellationToken);
        using var tokenizer = Tokenizer(cancellationToken);
        using var checkpoint = ClipCheckpoint.OpenOpenClip(folder.Path, tokenizer?.Path);
        return checkpoint.Load(cancellationToken);
    }

    private ModelFolder? Tokenizer(CancellationToken cancellationToken) =>
        options.Tokenizer is null ? null : models.Open(options.Tokenizer, [], null, cancellationToken);
}
