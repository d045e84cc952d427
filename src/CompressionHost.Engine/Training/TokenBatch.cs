using CompressionHost.Abstractions;
using CompressionHost.Inference;
using TorchSharp;

namespace CompressionHost.Engine;

/// <summary>
/// The distinct texts of a batch and where each sample's text is among them. A text tower is run once a distinct text: with
/// class-labelled data a batch of 128 has a few dozen.
/// </summary>
internal sealed class TokenBatch
{
    private TokenBatch(IReadOnlyList<string> distinct, torch.Tensor ids) => (Distinct, Ids) = (distinct, ids);

    /// <summary>Each text once, in order of first appearance.</summary>
    public IReadOnlyList<string> Distinct { get; }

    /// <summary>int64 [batch]: index into <see cref="Distinct"/>.</summary>
    public torch.Tensor Ids { get; }

    public static TokenBatch Of(IReadOnlyList<string> texts)
    {
        var index = new Dictionary<string, long>(StringComparer.Ordinal);
        var distinct = new List<string>();
        var ids = new long[texts.Count];
        for (var i = 0; i < texts.Count; i++)
        {
            if (!index.TryGetValue(texts[i], out ids[i]))
            {
                index.Add(texts[i], ids[i] = distinct.Count);
                distinct.Add(texts[i]);
            }
        }
        return new TokenBatch(distinct, torch.tensor(ids));
    }

    /// <summary>Tokens of texts, int64 [texts, longest]: padding beyond the longest text would only cost time.</summary>
    public static torch.Tensor Tokenize(ClipTokenizer tokenizer, IReadOnlyList<string> texts, int contextLength)
    {
        var rows = texts.Select(t => tokenizer.Encode(t, contextLength)).ToList();
        var width = rows.Max(r => r.Length);
        var flat = new long[rows.Count * width];
        Array.Fill(flat, tokenizer.PadToken);
        for (var i = 0; i < rows.Count; i++)
        {
            for (var j = 0; j < rows[i].Length; j++)
                flat[i * width + j] = rows[i][j];
        }
        return torch.tensor(flat, [rows.Count, width]);
    }

    /// <summary>The tokenizer of a model that is to be trained.</summary>
    public static ClipTokenizer TokenizerOf(IImageTextModel model) => model.Tokenizer
        ?? throw new StageFailedException("distil", "the model has no vocabulary (vocab.json and merges.txt beside its weights), so its captions cannot be tokenized.");
}
