using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Models;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Teachers;

/// <summary>Opens BERT checkpoints, from a folder or from the hub, or makes new ones whose vocabulary comes from a folder or is learned from the training texts.</summary>
public sealed class BertLoader(BertLoaderOptions options, IModelStore models) : ITeacherLoader
{
    private static readonly string[] Weights = ["model"];

    // A branch may move between the plan and the load; what was planned is what is loaded.
    private string? _pinned;

    /// <inheritdoc/>
    public ModelHeader ReadHeader()
    {
        if (NewOr(out var model) is { } made)
            return BertModel.Header(Config(made));
        using var folder = models.OpenHeaders(model, Weights);
        using var checkpoint = BertCheckpoint.Open(folder.Path);
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
            var vocabulary = made.Tokenizer is null
                ? WordVocabulary.Learn(Watch(context.Texts, cancellationToken), made.Vocabulary)
                : ClipAssets.ReadFile(Path.Combine(made.Tokenizer, BertTextTokenizer.Vocabulary));
            var assets = new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
            {
                [ClipAssets.Config] = config.ToHuggingFaceJson(),
                [BertTextTokenizer.Vocabulary] = vocabulary,
            };
            return new BertModel(config, assets, context.Seed);
        }
        using var folder = models.Open(_pinned ?? model, Weights, context.Progress, cancellationToken);
        using var checkpoint = BertCheckpoint.Open(folder.Path);
        return checkpoint.Load(cancellationToken);
    }

    private NewBertOptions? NewOr(out string model)
    {
        model = options.Model ?? "";
        return options.Model is null == options.New is null
            ? throw new InvalidInputException("'bert' wants either 'model', the folder of a checkpoint, or 'new', the sizes of a new model.")
            : options.New;
    }

    private static BertConfig Config(NewBertOptions made) => new BertConfig
    {
        VocabularySize = made.Vocabulary,
        ContextLength = made.Context,
        Width = made.Width,
        Depth = made.Depth,
        Heads = made.Heads,
        MlpWidth = made.Mlp ?? 4 * made.Width,
        HasPooler = made.Pooler,
    }.Validate();

    private static IEnumerable<string> Watch(IEnumerable<string> texts, CancellationToken cancellationToken)
    {
        foreach (var text in texts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return text;
        }
    }
}
