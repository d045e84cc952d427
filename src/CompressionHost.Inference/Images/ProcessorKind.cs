namespace CompressionHost.Inference;

/// <summary>What transformers' image processors do where their files say nothing.</summary>
/// <param name="Resampling">How an image is resized.</param>
/// <param name="Size">What it is resized to.</param>
/// <param name="Squash">Whether both sides become that size where it is one number.</param>
/// <param name="Crops">Whether the centre is cut out.</param>
/// <param name="Mean">Mean of red, green and blue.</param>
/// <param name="Std">Standard deviation of red, green and blue.</param>
internal sealed record ProcessorKind(Resampling Resampling, int Size, bool Squash, bool Crops, float[] Mean, float[] Std)
{
    /// <summary>Name of the processor of <c>ViTForImageClassification</c>.</summary>
    public const string Vit = "ViTImageProcessor";

    private static readonly float[] Half = [0.5f, 0.5f, 0.5f];

    private static readonly ProcessorKind Clip = new(
        Resampling.Bicubic, 224, false, true, [.. ClipImageProcessor.OpenAIMean], [.. ClipImageProcessor.OpenAIStd]);

    private static readonly ProcessorKind VitKind = new(Resampling.Bilinear, 224, true, false, Half, Half);

    private static readonly ProcessorKind Deit = new(Resampling.Bicubic, 256, true, true, Half, Half);

    /// <summary>Mean of red, green and blue over ImageNet.</summary>
    public static float[] ImageNetMean => [0.485f, 0.456f, 0.406f];

    /// <summary>Standard deviation of red, green and blue over ImageNet.</summary>
    public static float[] ImageNetStd => [0.229f, 0.224f, 0.225f];

    /// <summary>The defaults of a processor by its class name; CLIP's for one that is not known.</summary>
    public static ProcessorKind Of(string name) => name switch
    {
        Vit or "ViTImageProcessorFast" or "ViTFeatureExtractor" => VitKind,
        "DeiTImageProcessor" or "DeiTImageProcessorFast" or "DeiTFeatureExtractor" => Deit,
        _ => Clip,
    };
}
