using CompressionHost.Abstractions;
using CompressionHost.Models;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Onnx;

/// <summary>Texts as the inputs that exports of BERT-like encoders have, by WordPiece.</summary>
internal sealed class TextInputs(BertTextTokenizer tokenizer)
{
    /// <summary>Names of the inputs.</summary>
    public static IReadOnlyList<string> Names { get; } = ["input_ids", "attention_mask", "token_type_ids"];

    /// <summary>The inputs of a graph; where its length is fixed, texts are cut so that their end token is among what it sees.</summary>
    /// <exception cref="InvalidInputException">It is no vocabulary, or the graph has no room for a text.</exception>
    public static TextInputs FromVocabulary(byte[] vocabulary, OnnxTextOptions options, IReadOnlyList<TensorPort> ports)
    {
        var length = ports.Where(p => Names.Contains(p.Name)).Select(p => p.Shape is [_, > 0 and var n] ? n : long.MaxValue).Min();
        if (length < OnnxTextOptions.LeastTokens)
            throw new InvalidInputException($"The model's texts have {length} tokens, which leaves no room between begin and end.");
        return new TextInputs(BertTextTokenizer.FromVocabulary(vocabulary, options.Lowercase, (int)Math.Min(length, options.MaxTokens)));
    }

    /// <summary>Tokens of some texts, padded to the longest.</summary>
    public TokenBatch Encode(IReadOnlyList<string> texts) => new([.. texts.Select(tokenizer.Encode)], tokenizer.PadToken);
}

/// <summary>Tokens of some texts.</summary>
/// <param name="rows">Ids of each, begin and end included.</param>
/// <param name="padding">What fills shorter ones up.</param>
internal sealed class TokenBatch(List<IReadOnlyList<int>> rows, int padding)
{
    /// <summary>One of <see cref="TextInputs.Names"/>, [texts, longest].</summary>
    public torch.Tensor Input(TensorPort port)
    {
        // A graph whose length is fixed gets that length.
        var width = port.Shape is [_, > 0 and var length] ? (int)length : rows.Max(r => r.Count);
        var values = new long[rows.Count * width];
        for (var i = 0; i < values.Length; i++)
        {
            var (row, column) = (rows[i / width], i % width);
            values[i] = port.Name switch
            {
                "input_ids" => column < row.Count ? row[column] : padding,
                "attention_mask" => column < row.Count ? 1 : 0,
                _ => 0,
            };
        }
        return torch.tensor(values, [rows.Count, width]).to(port.Type);
    }
}
