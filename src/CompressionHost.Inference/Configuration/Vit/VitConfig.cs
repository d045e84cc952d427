using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>
/// Sizes of a vision transformer that classifies images (Dosovitskiy et al., arXiv 2010.11929), with a distillation token where it is a
/// DeiT (Touvron et al., arXiv 2012.12877).
/// </summary>
public sealed record VitConfig
{
    /// <summary>Where the logits are read.</summary>
    public VitHead Head { get; init; }

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

    /// <summary>Names of the classes, by label.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Whether queries, keys and values have a bias.</summary>
    public bool QkvBias { get; init; } = true;

    /// <summary>Added to the variance in every LayerNorm.</summary>
    public double LayerNormEpsilon { get; init; } = 1e-12;

    /// <summary>Patches of an image.</summary>
    public int Patches => ImageSize / PatchSize * (ImageSize / PatchSize);

    /// <summary>Tokens of an image: its patches, the class token and perhaps a distillation token.</summary>
    public int Tokens => Patches + (Head == VitHead.Class ? 1 : 2);

    /// <summary>Reads transformers' <c>config.json</c> of a <c>ViTForImageClassification</c> or <c>DeiTForImageClassification</c>; keys that are absent have its defaults.</summary>
    /// <param name="json">The file.</param>
    /// <param name="path">Where it came from, for messages.</param>
    /// <exception cref="InvalidInputException">Not such a configuration, or one that is not supported; says which key and why.</exception>
    public static VitConfig FromHuggingFace(ReadOnlySpan<byte> json, string? path = null) => HuggingFaceVitConfig.Read(json, path);

    /// <summary>Reads timm's <c>config.json</c>. timm names an architecture instead of sizes, so the sizes come from the shapes of the weights.</summary>
    /// <param name="json">The file.</param>
    /// <param name="shape">Shape of a stored tensor by name; null where there is none.</param>
    /// <param name="heads">Number of attention heads, which no shape tells; null for the one that the architecture's name or the width implies.</param>
    /// <param name="path">Where it came from, for messages.</param>
    /// <exception cref="InvalidInputException">Not a vision transformer, or one that is not supported; says what and why.</exception>
    public static VitConfig FromTimm(ReadOnlySpan<byte> json, Func<string, IReadOnlyList<long>?> shape, int? heads = null, string? path = null) =>
        TimmVitConfig.Read(json, shape, heads, path);

    /// <summary>Whether a <c>config.json</c> is timm's.</summary>
    /// <param name="json">The file.</param>
    /// <param name="path">Where it came from, for messages.</param>
    /// <exception cref="InvalidInputException">Not a JSON object.</exception>
    public static bool IsTimm(ReadOnlySpan<byte> json, string? path = null) => TimmVitConfig.Is(json, path);

    /// <summary>A <c>config.json</c> (UTF-8) with which transformers loads the model.</summary>
    /// <param name="dataType">Value of <c>torch_dtype</c>.</param>
    public byte[] ToHuggingFaceJson(string dataType = "float32") => HuggingFaceVitConfig.Write(this, dataType);

    /// <summary>Checks that the sizes make a model.</summary>
    /// <param name="path">Where they came from, for messages.</param>
    /// <returns>The same configuration.</returns>
    /// <exception cref="InvalidInputException">A size is out of range or does not fit another.</exception>
    public VitConfig Validate(string? path = null)
    {
        var check = new SizeCheck("The ViT configuration", path);
        check.Range("image size", ImageSize, 1, ClipImageProcessor.MaximumSize);
        check.Range("patch size", PatchSize, 1, ImageSize);
        check.Require(ImageSize % PatchSize == 0, $"the image size {ImageSize} is not a multiple of the patch size {PatchSize}");
        check.Require(Patches <= 262_144, $"an image of {ImageSize} with patches of {PatchSize} has {Patches} patches, more than 262144");
        check.Transformer(Width, Depth, Heads, MlpWidth, LayerNormEpsilon);
        check.Range("number of classes", Labels.Count, 1, 1_000_000);
        long width = Width;
        var block = (4 * width * width) + (2 * width * MlpWidth) + (9 * width) + MlpWidth;
        check.Parameters((width * (3L * PatchSize * PatchSize + Tokens + 5)) + (Depth * block) + (2 * Labels.Count * (width + 1)));
        return this;
    }
}

/// <summary>Where a vision transformer's logits are read; transformers has a class for each.</summary>
public enum VitHead
{
    /// <summary>At the class token (<c>ViTForImageClassification</c>).</summary>
    Class,

    /// <summary>At the class token, with a distillation token that is computed and not read (<c>DeiTForImageClassification</c>).</summary>
    ClassBesideDistillation,

    /// <summary>The mean of a classifier at the class token and one at the distillation token (<c>DeiTForImageClassificationWithTeacher</c>).</summary>
    ClassAndDistillation,
}
