using System.ComponentModel.DataAnnotations;
using CompressionHost.Abstractions;
using CompressionHost.Inference;

namespace CompressionHost.Plugins.Teachers;

/// <summary>Options of <c>clip</c>, a new model with random weights.</summary>
public sealed record NewClipOptions
{
    /// <summary>Height and width of an image in pixels.</summary>
    [Range(1, 4096)]
    public int Image { get; init; } = 224;

    /// <summary>Height and width of a patch in pixels; divides <see cref="Image"/>.</summary>
    [Range(1, 4096)]
    public int Patch { get; init; } = 16;

    /// <summary>The image tower.</summary>
    public NewVisionOptions Vision { get; init; } = new();

    /// <summary>The text tower.</summary>
    public NewTextOptions Text { get; init; } = new();

    /// <summary>Size of an embedding.</summary>
    [Range(1, 65_536)]
    public int Embedding { get; init; } = 512;

    /// <summary>Activation of the MLPs.</summary>
    public ClipActivation Activation { get; init; } = ClipActivation.Gelu;

    /// <summary>
    /// Rows of the token embedding. Without a tokenizer, a byte-pair vocabulary of at most that size is learned from the training texts; where
    /// they have fewer pairs to merge the last rows stay unused. With a tokenizer, null for its size.
    /// </summary>
    [Range(BpeTrainer.MinimumVocabularySize, 10_000_000)]
    public int? Vocabulary { get; init; }

    /// <summary>Folder with <c>vocab.json</c> and <c>merges.txt</c> to use instead of learning a vocabulary.</summary>
    [PathOption]
    public string? Tokenizer { get; init; }

    /// <summary>Mean of red, green and blue, in 0..1; CLIP's by default.</summary>
    [Length(3, 3)]
    public IReadOnlyList<double>? Mean { get; init; }

    /// <summary>Standard deviation of red, green and blue; CLIP's by default.</summary>
    [Length(3, 3)]
    public IReadOnlyList<double>? Std { get; init; }
}

/// <summary>Sizes of the image tower; ViT-B by default.</summary>
public sealed record NewVisionOptions
{
    /// <summary>Size of a hidden state.</summary>
    [Range(1, 65_536)]
    public int Width { get; init; } = 768;

    /// <summary>Number of transformer blocks.</summary>
    [Range(1, 1000)]
    public int Depth { get; init; } = 12;

    /// <summary>Number of attention heads; divides <see cref="Width"/>.</summary>
    [Range(1, 65_536)]
    public int Heads { get; init; } = 12;

    /// <summary>Size of the MLP's inner layer; four times the width by default.</summary>
    [Range(1, 1_048_576)]
    public int? Mlp { get; init; }
}

/// <summary>Sizes of the text tower; those beside ViT-B by default.</summary>
public sealed record NewTextOptions
{
    /// <summary>Size of a hidden state.</summary>
    [Range(1, 65_536)]
    public int Width { get; init; } = 512;

    /// <summary>Number of transformer blocks.</summary>
    [Range(1, 1000)]
    public int Depth { get; init; } = 12;

    /// <summary>Number of attention heads; divides <see cref="Width"/>.</summary>
    [Range(1, 65_536)]
    public int Heads { get; init; } = 8;

    /// <summary>Most tokens of a text, begin and end included.</summary>
    [Range(2, 65_536)]
    public int Context { get; init; } = 77;

    /// <summary>Size of the MLP's inner layer; four times the width by default.</summary>
    [Range(1, 1_048_576)]
    public int? Mlp { get; init; }
}
