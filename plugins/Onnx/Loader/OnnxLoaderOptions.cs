using System.ComponentModel.DataAnnotations;
using CompressionHost.Abstractions;

namespace CompressionHost.Plugins.Onnx;

/// <summary>Options of <c>use: onnx</c> for a teacher or student.</summary>
public sealed record OnnxLoaderOptions
{
    /// <summary>The model, an <c>.onnx</c> file. Values in files beside it are read from its own folder only.</summary>
    [Required]
    [PathOption]
    public string Model { get; init; } = "";

    /// <summary>Values from which on the weight of a product, a convolution or a look-up may be quantized.</summary>
    [Range(16, int.MaxValue)]
    public int MinWeights { get; init; } = 1024;

    /// <summary>How images become the input that takes four dimensions.</summary>
    public OnnxImageOptions Image { get; init; } = new();

    /// <summary>How texts become <c>input_ids</c>, <c>attention_mask</c> and <c>token_type_ids</c>.</summary>
    public OnnxTextOptions Text { get; init; } = new();
}

/// <summary>How images become an input.</summary>
public sealed record OnnxImageOptions
{
    /// <summary>Height and width in pixels; what the graph says by default, and 224 where it says nothing.</summary>
    [Range(1, 4096)]
    public int? Size { get; init; }

    /// <summary>Mean of red, green and blue, in 0..1; ImageNet's by default.</summary>
    [Length(3, 3)]
    public IReadOnlyList<double>? Mean { get; init; }

    /// <summary>Standard deviation of red, green and blue; ImageNet's by default.</summary>
    [Length(3, 3)]
    public IReadOnlyList<double>? Std { get; init; }
}

/// <summary>How texts become inputs.</summary>
public sealed record OnnxTextOptions
{
    internal const int LeastTokens = 3;

    /// <summary>The WordPiece vocabulary, one token a line; <c>vocab.txt</c> beside the model by default.</summary>
    [PathOption]
    public string? Vocabulary { get; init; }

    /// <summary>Whether texts become lower case and lose their accents.</summary>
    public bool Lowercase { get; init; } = true;

    /// <summary>Most tokens of a text, begin and end included.</summary>
    [Range(LeastTokens, 65_536)]
    public int MaxTokens { get; init; } = 128;
}
