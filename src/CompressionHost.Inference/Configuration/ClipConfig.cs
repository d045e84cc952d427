using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>Sizes of a CLIP model: an image and a text transformer that end in one embedding space (Radford et al., arXiv 2103.00020).</summary>
public sealed record ClipConfig
{
    /// <summary>Size of an embedding.</summary>
    public required int EmbeddingSize { get; init; }

    /// <summary>The image tower.</summary>
    public required ClipVisionConfig Vision { get; init; }

    /// <summary>The text tower.</summary>
    public required ClipTextConfig Text { get; init; }

    /// <summary>Activation of both towers' MLPs.</summary>
    public ClipActivation Activation { get; init; } = ClipActivation.QuickGelu;

    /// <summary>Added to the variance in every LayerNorm.</summary>
    public double LayerNormEpsilon { get; init; } = 1e-5;

    /// <summary>Number of parameters of a model of these sizes.</summary>
    public long Parameters
    {
        get
        {
            var vision = Vision.Width * (3L * Vision.PatchSize * Vision.PatchSize + Vision.Tokens + 1 + 4) + Vision.Depth * Layer(Vision.Width, Vision.MlpWidth);
            var text = Text.Width * ((long)Text.VocabularySize + Text.ContextLength + 2) + Text.Depth * Layer(Text.Width, Text.MlpWidth);
            return vision + text + EmbeddingSize * ((long)Vision.Width + Text.Width) + 1;

            static long Layer(long width, long mlp) => 4 * (width * width + width) + 2 * width * mlp + mlp + width + 4 * width;
        }
    }

    /// <summary>Reads Hugging Face's <c>config.json</c>; keys that are absent have transformers' defaults.</summary>
    /// <param name="json">The file.</param>
    /// <param name="path">Where it came from, for messages.</param>
    /// <exception cref="InvalidInputException">Not a CLIP configuration, or one that is not supported; says which key and why.</exception>
    public static ClipConfig FromHuggingFace(ReadOnlySpan<byte> json, string? path = null) => HuggingFaceClipConfig.Read(json, path);

    /// <summary>Reads open_clip's <c>open_clip_config.json</c> (or the <c>model_cfg</c> object alone).</summary>
    /// <param name="json">The file.</param>
    /// <param name="path">Where it came from, for messages.</param>
    /// <exception cref="InvalidInputException">Not such a configuration, or a tower that is not supported; says which key and why.</exception>
    public static ClipConfig FromOpenClip(ReadOnlySpan<byte> json, string? path = null) => OpenClipConfig.Read(json, path);

    /// <summary>A <c>config.json</c> (UTF-8) with which transformers loads the model as <c>CLIPModel</c>.</summary>
    /// <param name="dataType">Value of <c>torch_dtype</c>.</param>
    public byte[] ToHuggingFaceJson(string dataType = "float32") => HuggingFaceClipConfig.Write(this, dataType);

    /// <summary>Checks that the sizes make a model.</summary>
    /// <param name="path">Where they came from, for messages.</param>
    /// <returns>The same configuration.</returns>
    /// <exception cref="InvalidInputException">A size is out of range or does not fit another.</exception>
    public ClipConfig Validate(string? path = null)
    {
        Range("embedding size", EmbeddingSize, 1, 65_536);
        Range("image size", Vision.ImageSize, 1, 16_384);
        Range("patch size", Vision.PatchSize, 1, Vision.ImageSize);
        Require(Vision.ImageSize % Vision.PatchSize == 0, $"the image size {Vision.ImageSize} is not a multiple of the patch size {Vision.PatchSize}");
        Require(Vision.Tokens <= 262_145, $"an image of {Vision.ImageSize} with patches of {Vision.PatchSize} has {Vision.Tokens} tokens, more than 262145");
        Tower("vision", Vision.Width, Vision.Depth, Vision.Heads, Vision.MlpWidth);
        Range("vocabulary size", Text.VocabularySize, 2, 10_000_000);
        Range("context length", Text.ContextLength, 2, 65_536);
        Tower("text", Text.Width, Text.Depth, Text.Heads, Text.MlpWidth);
        Range("end token", Text.EndToken, 0, Text.VocabularySize - 1);
        Require(double.IsFinite(LayerNormEpsilon) && LayerNormEpsilon is > 0 and < 1, $"the LayerNorm epsilon {LayerNormEpsilon} is not between 0 and 1");
        Require(Parameters <= 1L << 34, $"it would have {Parameters} parameters, more than 2^34");
        return this;

        void Tower(string tower, int width, int depth, int heads, int mlp)
        {
            Range($"{tower} width", width, 1, 65_536);
            Range($"{tower} depth", depth, 1, 1_000);
            Range($"number of {tower} heads", heads, 1, width);
            Require(width % heads == 0, $"the {tower} width {width} is not a multiple of its {heads} heads");
            Range($"{tower} MLP width", mlp, 1, 1_048_576);
        }

        void Range(string what, int value, int least, int most) =>
            Require(value >= least && value <= most, $"the {what} {value} is not between {least} and {most}");

        void Require(bool holds, string fault)
        {
            if (!holds)
                throw new InvalidInputException($"{path ?? "The CLIP configuration"}: {fault}.", path);
        }
    }
}

/// <summary>Sizes of the image tower.</summary>
public sealed record ClipVisionConfig
{
    /// <summary>Height and width of an image in pixels.</summary>
    public required int ImageSize { get; init; }

    /// <summary>Height and width of a patch in pixels.</summary>
    public required int PatchSize { get; init; }

    /// <summary>Size of a hidden state.</summary>
    public required int Width { get; init; }

    /// <summary>Number of transformer blocks.</summary>
    public required int Depth { get; init; }

    /// <summary>Number of attention heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Size of the MLP's inner layer.</summary>
    public required int MlpWidth { get; init; }

    /// <summary>Tokens of an image: its patches and the class token.</summary>
    public int Tokens => ImageSize / PatchSize * (ImageSize / PatchSize) + 1;
}

/// <summary>Sizes of the text tower.</summary>
public sealed record ClipTextConfig
{
    /// <summary><see cref="EndToken"/> of OpenAI's first published configurations. With it a text is read at its greatest token id.</summary>
    public const int LegacyEndToken = 2;

    /// <summary>Rows of the token embedding.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Most tokens of a text, begin and end included.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Size of a hidden state.</summary>
    public required int Width { get; init; }

    /// <summary>Number of transformer blocks.</summary>
    public required int Depth { get; init; }

    /// <summary>Number of attention heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Size of the MLP's inner layer.</summary>
    public required int MlpWidth { get; init; }

    /// <summary>
    /// Token at whose first occurrence the hidden state becomes the embedding; position 0 where it does not occur.
    /// <see cref="LegacyEndToken"/> stands for the greatest id of the text.
    /// </summary>
    public required int EndToken { get; init; }
}

/// <summary>Activation of an MLP.</summary>
public enum ClipActivation
{
    /// <summary>x * Phi(x) with the exact error function.</summary>
    Gelu,

    /// <summary>x * sigmoid(1.702 x).</summary>
    QuickGelu,
}
