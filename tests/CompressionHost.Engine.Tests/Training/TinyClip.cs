using CompressionHost.Inference;
using CompressionHost.Models;

namespace CompressionHost.Engine.Tests;

/// <summary>A CLIP that trains in milliseconds a step.</summary>
internal static class TinyClip
{
    public static ClipModel Model(long seed)
    {
        var vocabulary = BpeTrainer.Train(["0 one", "1 two", "2 three"], 520);
        var config = new ClipConfig
        {
            EmbeddingSize = 8,
            Vision = new ClipVisionConfig { ImageSize = 16, PatchSize = 8, Width = 16, Depth = 1, Heads = 2, MlpWidth = 32 },
            Text = new ClipTextConfig { VocabularySize = 520, ContextLength = 16, Width = 16, Depth = 1, Heads = 2, MlpWidth = 32, EndToken = ClipTokenizer.FromVocabulary(vocabulary.VocabJson, vocabulary.MergesTxt).EndToken },
        };
        var processor = new ClipImageProcessor(16, ClipImageProcessor.OpenAIMean, ClipImageProcessor.OpenAIStd);
        return new ClipModel(config, ClipAssets.Create(config, processor, vocabulary), seed);
    }
}
