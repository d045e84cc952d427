using CompressionHost.Inference;

namespace CompressionHost.Models.Tests;

/// <summary>Small vision transformers.</summary>
internal static class TinyVit
{
    public static VitConfig Config(VitHead head = VitHead.Class, bool qkvBias = true) => new()
    {
        Head = head,
        ImageSize = 12,
        PatchSize = 4,
        Width = 24,
        Depth = 2,
        Heads = 3,
        MlpWidth = 40,
        QkvBias = qkvBias,
        LayerNormEpsilon = 1e-3,
        Labels = ["cat", "dog", "owl", "fox", "ant"],
    };

    public static VitModel Create(VitConfig config, long seed = 1, double deviation = 0.2) =>
        new VitModel(config, VitAssets.Create(config, new ClipImageProcessor(config.ImageSize, [0.5f, 0.5f, 0.5f], [0.5f, 0.5f, 0.5f])), seed).Perturbed(seed + 1, deviation);
}
