using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Models;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Teachers;

/// <summary>Opens checkpoints of vision transformers that classify, from a folder or from the hub, or makes new ones.</summary>
public sealed class VitLoader(VitOptions options, IModelStore models) : ITeacherLoader
{
    private const double LayerNormEpsilon = 1e-6;

    private static readonly string[] Weights = ["model"];

    private static readonly double[] Half = [0.5, 0.5, 0.5];

    // A branch may move between the plan and the load; what was planned is what is loaded.
    private string? _pinned;

    /// <inheritdoc/>
    public ModelHeader ReadHeader()
    {
        if (NewOr(out var model) is { } made)
        {
            Processor(made);
            return VitModel.Header(Config(made));
        }
        using var folder = models.OpenHeaders(model, Weights);
        using var checkpoint = VitCheckpoint.Open(folder.Path, options.Heads);
        _pinned = folder.Origin;
        return folder.Describe(checkpoint.Header);
    }

    /// <inheritdoc/>
    public ICompressibleModel Load(ModelLoadContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (NewOr(out var model) is { } made)
        {
            var config = Config(made);
            return new VitModel(config, VitAssets.Create(config, Processor(made)), context.Seed);
        }
        using var folder = models.Open(_pinned ?? model, Weights, context.Progress, cancellationToken);
        using var checkpoint = VitCheckpoint.Open(folder.Path, options.Heads);
        return checkpoint.Load(cancellationToken);
    }

    private NewVitOptions? NewOr(out string model)
    {
        model = options.Model ?? "";
        if (options.Model is null == options.New is null)
            throw new InvalidInputException("'vit' wants either 'model', the folder of a checkpoint, or 'new', the sizes of a new model.");
        if (options is { New: not null, Heads: not null })
            throw new InvalidInputException("'heads' beside 'new' is for a checkpoint; write it inside of 'new'.");
        return options.New;
    }

    private static VitConfig Config(NewVitOptions made) => new VitConfig
    {
        Head = made.Head,
        ImageSize = made.Image,
        PatchSize = made.Patch,
        Width = made.Width,
        Depth = made.Depth,
        Heads = made.Heads,
        MlpWidth = made.Mlp ?? 4 * made.Width,
        LayerNormEpsilon = LayerNormEpsilon,
        Labels = made.Classes,
    }.Validate();

    private static ClipImageProcessor Processor(NewVitOptions made)
    {
        float[] mean = [.. (made.Mean ?? Half).Select(v => (float)v)], std = [.. (made.Std ?? Half).Select(v => (float)v)];
        if (!mean.All(float.IsFinite) || !std.All(v => float.IsFinite(v) && v > 0))
            throw new InvalidInputException("'mean' must be three numbers and 'std' three numbers above 0.");
        return new ClipImageProcessor(made.Image, mean, std);
    }
}
