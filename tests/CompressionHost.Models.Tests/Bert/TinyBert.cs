using System.Text;
using CompressionHost.Inference;

namespace CompressionHost.Models.Tests;

/// <summary>Small BERT encoders.</summary>
internal static class TinyBert
{
    public const string Vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\ncat\ndog\nsat\n##s\n.\ncafe\n";

    public static BertConfig Config(bool pooler = false) => new()
    {
        VocabularySize = 30,
        ContextLength = 10,
        Width = 24,
        Depth = 2,
        Heads = 3,
        MlpWidth = 40,
        LayerNormEpsilon = 1e-3,
        HasPooler = pooler,
    };

    public static BertModel Create(BertConfig config, long seed = 1, string? vocabulary = Vocabulary)
    {
        var assets = new Dictionary<string, byte[]> { ["config.json"] = config.ToHuggingFaceJson() };
        if (vocabulary is not null)
            assets["vocab.txt"] = Encoding.UTF8.GetBytes(vocabulary);
        return new BertModel(config, assets, seed).Perturbed(seed + 1);
    }
}
