using CompressionHost.Inference;

namespace CompressionHost.Packers.Tests;

/// <summary>A small ternary CLIP: images of rows of 256 and 512, texts of rows of 96 and 384.</summary>
internal static class TernaryClip
{
    private static readonly string[] Corpus = ["a photo of a red square", "a photo of a blue circle", "the circle is red", "a square photo"];

    public static CompressedModel Model(int seed = 1, QuantizationScheme? scheme = null, int group = 256)
    {
        scheme ??= QuantizationScheme.Ternary;
        var random = new Random(seed);
        var tokenizer = BpeTrainer.Train(Corpus, 530);
        var config = new ClipConfig
        {
            EmbeddingSize = 64,
            Vision = new ClipVisionConfig { ImageSize = 32, PatchSize = 8, Width = 256, Depth = 2, Heads = 4, MlpWidth = 512 },
            Text = new ClipTextConfig { VocabularySize = 530, ContextLength = 20, Width = 96, Depth = 1, Heads = 3, MlpWidth = 384, EndToken = 529 },
            Activation = ClipActivation.Gelu,
        };
        var processor = new ClipImageProcessor(32, [0.25f, 0.5f, 0.75f], [0.5f, 0.25f, 1f]);
        return new CompressedModel(
            ClipLayout.Architecture,
            [.. ClipLayout.Tensors(config).Select(t => t.Role == ClipTensorRole.Other
                ? new CompressedTensor(t.Name, t.Shape, Samples.Halves(random, (int)t.Shape.Aggregate(1L, (a, d) => a * d)))
                : new CompressedTensor(t.Name, Quantized(random, t, scheme, group)))],
            ClipAssets.Create(config, processor, tokenizer));
    }

    private static QuantizedTensor Quantized(Random random, ClipTensor tensor, QuantizationScheme scheme, int group)
    {
        var row = (int)tensor.Shape.Skip(1).Aggregate(1L, (a, d) => a * d);
        // As the quantizers do: one group a row where rows are not whole groups.
        return Samples.Quantized(random, [.. tensor.Shape], row % group == 0 ? group : row, scheme);
    }
}
