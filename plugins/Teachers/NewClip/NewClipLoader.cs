using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Models;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Teachers;

/// <summary>
/// Makes a CLIP model with random weights. Its vocabulary comes from a folder or is learned from the training texts; the token
/// embedding has the size that the recipe asks for either way, so a plan knows every shape before a text is read.
/// </summary>
public sealed class NewClipLoader(NewClipOptions options) : ITeacherLoader
{
    /// <inheritdoc/>
    public ModelHeader ReadHeader()
    {
        (byte[], byte[])? tokenizer = options.Tokenizer is null ? null : ReadTokenizer(options.Tokenizer);
        // Shapes do not depend on which of its tokens ends a text.
        return ClipModel.Header(Config(VocabularySize(tokenizer), endToken: 0));
    }

    /// <inheritdoc/>
    public ICompressibleModel Load(ModelLoadContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var files = options.Tokenizer is null ? LearnTokenizer(context.Texts, cancellationToken) : ReadTokenizer(options.Tokenizer);
        var tokenizer = ClipTokenizer.FromVocabulary(files.Vocabulary, files.Merges);
        var config = Config(VocabularySize(files), tokenizer.EndToken);
        return new ClipModel(config, ClipAssets.Create(config, Processor(), files, options.Tokenizer), context.Seed);
    }

    private static (byte[] Vocabulary, byte[] Merges) ReadTokenizer(string folder) =>
        ClipAssets.ReadTokenizer(folder)
        ?? throw new InvalidInputException($"{folder} has neither {ClipAssets.Vocabulary} nor {ClipAssets.Merges}.", folder);

    private (byte[] Vocabulary, byte[] Merges) LearnTokenizer(IEnumerable<string> texts, CancellationToken cancellationToken)
    {
        var any = false;
        var files = BpeTrainer.Train(Watch(), VocabularySize(null));
        if (!any)
            throw new InvalidInputException("There are no training texts to learn a vocabulary from. Give data with captions or class names, or 'tokenizer', a folder with vocab.json and merges.txt.");
        return files;

        IEnumerable<string> Watch()
        {
            foreach (var text in texts)
            {
                cancellationToken.ThrowIfCancellationRequested();
                any = true;
                yield return text;
            }
        }
    }

    private int VocabularySize((byte[] Vocabulary, byte[] Merges)? files)
    {
        if (files is not { } given)
        {
            return options.Vocabulary
                ?? throw new InvalidInputException("A new model needs 'vocabulary', the number of tokens to learn from the training texts, or 'tokenizer', a folder with vocab.json and merges.txt.");
        }
        var own = ClipTokenizer.FromVocabulary(given.Vocabulary, given.Merges).VocabularySize;
        if (options.Tokenizer is not null && options.Vocabulary < own)
            throw new InvalidInputException($"'vocabulary' is {options.Vocabulary}, but the tokenizer in {options.Tokenizer} has {own} tokens. Leave 'vocabulary' out.", options.Tokenizer);
        return options.Vocabulary ?? own;
    }

    private ClipConfig Config(int vocabulary, int endToken)
    {
        var (vision, text) = (options.Vision, options.Text);
        return new ClipConfig
        {
            EmbeddingSize = options.Embedding,
            Activation = options.Activation,
            Vision = new ClipVisionConfig
            {
                ImageSize = options.Image,
                PatchSize = options.Patch,
                Width = vision.Width,
                Depth = vision.Depth,
                Heads = vision.Heads,
                MlpWidth = vision.Mlp ?? 4 * vision.Width,
            },
            Text = new ClipTextConfig
            {
                VocabularySize = vocabulary,
                ContextLength = text.Context,
                Width = text.Width,
                Depth = text.Depth,
                Heads = text.Heads,
                MlpWidth = text.Mlp ?? 4 * text.Width,
                EndToken = endToken,
            },
        }.Validate();
    }

    private ClipImageProcessor Processor()
    {
        var mean = options.Mean?.Select(v => (float)v).ToArray() ?? ClipImageProcessor.OpenAIMean;
        var std = options.Std?.Select(v => (float)v).ToArray() ?? ClipImageProcessor.OpenAIStd;
        if (!mean.All(float.IsFinite) || !std.All(v => float.IsFinite(v) && v > 0))
            throw new InvalidInputException("'mean' must be three numbers and 'std' three numbers above 0.");
        return new ClipImageProcessor(options.Image, mean, std);
    }
}
