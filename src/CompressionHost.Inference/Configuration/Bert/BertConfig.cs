using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>Sizes of a text encoder with BERT's architecture (Devlin et al., arXiv 1810.04805).</summary>
public sealed record BertConfig
{
    /// <summary>Rows of the token embedding.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Most tokens of a text, the special ones included.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Size of a hidden state.</summary>
    public required int Width { get; init; }

    /// <summary>Number of transformer blocks.</summary>
    public required int Depth { get; init; }

    /// <summary>Number of attention heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Size of the MLP's inner layer.</summary>
    public required int MlpWidth { get; init; }

    /// <summary>Rows of the segment embedding.</summary>
    public int TokenTypes { get; init; } = 2;

    /// <summary>Token that fills up the shorter texts of a batch.</summary>
    public int PadToken { get; init; }

    /// <summary>Added to the variance in every LayerNorm.</summary>
    public double LayerNormEpsilon { get; init; } = 1e-12;

    /// <summary>Whether there is a layer on top of the first token. No key of a configuration tells; the weights do.</summary>
    public bool HasPooler { get; init; }

    /// <summary>Reads transformers' <c>config.json</c> of <c>model_type: bert</c>; keys that are absent have its defaults.</summary>
    /// <param name="json">The file.</param>
    /// <param name="path">Where it came from, for messages.</param>
    /// <exception cref="InvalidInputException">Not such a configuration, or one that is not supported; says which key and why.</exception>
    public static BertConfig FromHuggingFace(ReadOnlySpan<byte> json, string? path = null) => HuggingFaceBertConfig.Read(json, path);

    /// <summary>A <c>config.json</c> (UTF-8) with which transformers loads the model as <c>BertModel</c>.</summary>
    /// <param name="dataType">Value of <c>torch_dtype</c>.</param>
    public byte[] ToHuggingFaceJson(string dataType = "float32") => HuggingFaceBertConfig.Write(this, dataType);

    /// <summary>Checks that the sizes make a model.</summary>
    /// <param name="path">Where they came from, for messages.</param>
    /// <returns>The same configuration.</returns>
    /// <exception cref="InvalidInputException">A size is out of range or does not fit another.</exception>
    public BertConfig Validate(string? path = null)
    {
        var check = new SizeCheck("The BERT configuration", path);
        check.Range("vocabulary size", VocabularySize, 2, 10_000_000);
        check.Range("context length", ContextLength, 2, 65_536);
        check.Range("number of token types", TokenTypes, 1, 65_536);
        check.Range("pad token", PadToken, 0, VocabularySize - 1);
        check.Transformer(Width, Depth, Heads, MlpWidth, LayerNormEpsilon);
        long width = Width;
        var block = (4 * width * width) + (2 * width * MlpWidth) + (9 * width) + MlpWidth;
        check.Parameters((width * ((long)VocabularySize + ContextLength + TokenTypes + 2)) + (Depth * block) + (HasPooler ? width * (width + 1) : 0));
        return this;
    }
}
