using CompressionHost.Abstractions;
using CompressionHost.Inference;

namespace CompressionHost.Models;

/// <summary>Names and shapes of a BERT encoder, in the order in which transformers' <c>BertModel</c> lists them.</summary>
public static class BertLayout
{
    /// <summary>Name of the architecture in packages.</summary>
    public const string Architecture = "bert";

#pragma warning disable CS1591 // Each is the name it spells.
    public const string WordEmbeddings = "embeddings.word_embeddings.weight";
    public const string PositionEmbeddings = "embeddings.position_embeddings.weight";
    public const string TokenTypeEmbeddings = "embeddings.token_type_embeddings.weight";
    public const string EmbeddingNorm = "embeddings.LayerNorm";
    public const string Pooler = "pooler.dense";
#pragma warning restore CS1591

    /// <summary>Prefix of a block's tensors.</summary>
    public static string Block(int index) => $"encoder.layer.{index}";

    /// <summary>Every tensor of a model of these sizes.</summary>
    public static IReadOnlyList<TensorHeader> Tensors(BertConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var list = new HeaderList();
        long width = config.Width;
        list.Site(WordEmbeddings, WeightKind.Embedding, config.VocabularySize, width);
        list.Add(PositionEmbeddings, config.ContextLength, width);
        list.Add(TokenTypeEmbeddings, config.TokenTypes, width);
        list.Norm(EmbeddingNorm, width);
        for (var i = 0; i < config.Depth; i++)
        {
            var (block, names) = (Block(i), BlockNames.Bert);
            foreach (var projection in (string[])[names.Query, names.Key, names.Value, names.Output])
                list.Linear($"{block}.{projection}", width, width);
            list.Norm($"{block}.{names.AttentionNorm}", width);
            list.Linear($"{block}.{names.Up}", config.MlpWidth, width);
            list.Linear($"{block}.{names.Down}", width, config.MlpWidth);
            list.Norm($"{block}.{names.MlpNorm}", width);
        }
        if (config.HasPooler)
            list.Linear(Pooler, width, width);
        return list.Tensors;
    }
}
