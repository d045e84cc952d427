using CompressionHost.Inference;

namespace CompressionHost.Models;

/// <summary>The files beside the weights of a vision transformer.</summary>
public static class VitAssets
{
    /// <summary><c>config.json</c> and <c>preprocessor_config.json</c> as transformers reads them.</summary>
    /// <param name="config">Sizes of the model.</param>
    /// <param name="processor">How images become pixels.</param>
    public static IReadOnlyDictionary<string, byte[]> Create(VitConfig config, ClipImageProcessor processor)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(processor);
        return new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        {
            [ClipAssets.Config] = config.ToHuggingFaceJson(),
            [ClipAssets.Preprocessor] = processor.ToJson(),
        };
    }
}
