using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using Microsoft.ML.Tokenizers;
using TorchSharp;

namespace CompressionHost.Plugins.Onnx;

/// <summary>Texts as the inputs that exports of BERT-like encoders have, by WordPiece.</summary>
internal sealed class TextInputs(BertTokenizer tokenizer, int maxTokens)
{
    /// <summary>Names of the inputs.</summary>
    public static IReadOnlyList<string> Names { get; } = ["input_ids", "attention_mask", "token_type_ids"];

    /// <exception cref="InvalidInputException">It is no vocabulary.</exception>
    public static TextInputs FromVocabulary(byte[] vocabulary, OnnxTextOptions options)
    {
        try
        {
            using var stream = new MemoryStream(vocabulary, writable: false);
            return new TextInputs(
                BertTokenizer.Create(stream, new BertOptions { LowerCaseBeforeTokenization = options.Lowercase, RemoveNonSpacingMarks = options.Lowercase }), options.MaxTokens);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException or IOException)
        {
            throw new InvalidInputException($"{InputMaker.VocabularyAsset} is no WordPiece vocabulary: {e.Message}", InputMaker.VocabularyAsset, e);
        }
    }

    /// <summary>Tokens of some texts, padded to the longest.</summary>
    public TokenBatch Encode(IReadOnlyList<string> texts)
    {
        var rows = texts.Select(t => tokenizer.EncodeToIds(t, maxTokens, out _, out _)).ToList();
        return new TokenBatch(rows, tokenizer.PaddingTokenId);
    }
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
