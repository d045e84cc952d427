using System.ComponentModel.DataAnnotations;
using CompressionHost.Abstractions;
using CompressionHost.Models;

namespace CompressionHost.Plugins.Teachers;

/// <summary>Options of <c>bert</c>: a checkpoint, or a new model.</summary>
public sealed record BertLoaderOptions
{
    /// <summary>
    /// Folder with <c>config.json</c>, <c>model.safetensors</c> and <c>vocab.txt</c>, as transformers saves a <c>BertModel</c>. Of a model on top of BERT the encoder
    /// is read.
    /// </summary>
    [PathOption]
    public string? Model { get; init; }

    /// <summary>Sizes of a new model with random weights, instead of <see cref="Model"/>.</summary>
    public NewBertOptions? New { get; init; }
}

/// <summary>Sizes of a new BERT encoder; BERT-base by default.</summary>
public sealed record NewBertOptions
{
    /// <summary>Rows of the token embedding. Without a tokenizer a vocabulary of at most that size is learned from the training texts.</summary>
    [Range(WordVocabulary.MinimumSize, 10_000_000)]
    public int Vocabulary { get; init; } = 30_522;

    /// <summary>Folder with <c>vocab.txt</c> to use instead of learning a vocabulary.</summary>
    [PathOption]
    public string? Tokenizer { get; init; }

    /// <summary>Most tokens of a text, the special ones included.</summary>
    [Range(2, 65_536)]
    public int Context { get; init; } = 512;

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

    /// <summary>Whether there is a layer on top of the first token.</summary>
    public bool Pooler { get; init; }
}
