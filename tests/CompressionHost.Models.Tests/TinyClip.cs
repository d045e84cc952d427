using CompressionHost.Inference;
using TorchSharp;

namespace CompressionHost.Models.Tests;

/// <summary>Small models for tests of behaviour.</summary>
internal static class TinyClip
{
    public static ClipConfig Config(ClipActivation activation = ClipActivation.QuickGelu, int endToken = 49) => new()
    {
        EmbeddingSize = 10,
        Activation = activation,
        Vision = new() { ImageSize = 12, PatchSize = 4, Width = 24, Depth = 2, Heads = 3, MlpWidth = 40 },
        Text = new() { VocabularySize = 50, ContextLength = 9, Width = 16, Depth = 3, Heads = 2, MlpWidth = 36, EndToken = endToken },
    };

    public static ClipModel Create(ClipConfig config, long seed = 1)
    {
        var processor = new ClipImageProcessor(config.Vision.ImageSize, ClipImageProcessor.OpenAIMean, ClipImageProcessor.OpenAIStd);
        var model = new ClipModel(config, ClipAssets.Create(config, processor, null), seed);
        using var noGradients = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator((ulong)seed + 1);
        // Biases and normalizations other than 0 and 1, so that one left out is noticed.
        foreach (var (name, value) in model.Parameters)
        {
            if (name.EndsWith("bias", StringComparison.Ordinal) || name.Contains("norm", StringComparison.Ordinal))
                value.add_(torch.randn(value.shape, generator: generator).mul_(0.2));
        }
        return model;
    }

    public static torch.Tensor Pixels(ClipConfig config, int count, int seed = 7)
    {
        using var generator = new torch.Generator((ulong)seed);
        return torch.randn([count, 3, config.Vision.ImageSize, config.Vision.ImageSize], generator: generator);
    }

    /// <summary>Texts of every length from 2 tokens up, padded with the end token.</summary>
    public static torch.Tensor Tokens(ClipConfig config, int count, int? end = null, int seed = 7)
    {
        var random = new Random(seed);
        var (length, last) = (config.Text.ContextLength, end ?? config.Text.EndToken);
        var tokens = new long[count * length];
        Array.Fill(tokens, last);
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < 1 + i % (length - 1); j++)
                tokens[i * length + j] = random.Next(3, config.Text.VocabularySize - 2);
        }
        return torch.tensor(tokens, [count, length]);
    }
}
