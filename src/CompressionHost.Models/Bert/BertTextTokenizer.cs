using System.Text.Json;
using CompressionHost.Inference;
using CompressionHost.Tensors;
using Microsoft.ML.Tokenizers;
using TorchSharp;

namespace CompressionHost.Models;

/// <summary>Texts to BERT's tokens: WordPiece (Wu et al., arXiv 1609.08144) over <c>vocab.txt</c>, between the class and the separator token. Thread-safe.</summary>
public sealed class BertTextTokenizer
{
    /// <summary>Name of the vocabulary, one token a line; a token's id is its line.</summary>
    public const string Vocabulary = "vocab.txt";

    // The tokens without which WordPiece cannot be.
    private static readonly string[] Special = ["[UNK]", "[CLS]", "[SEP]"];

    private readonly BertTokenizer _tokenizer;
    private readonly bool _stripsAccents;
    private readonly int _contextLength;

    private BertTextTokenizer(BertTokenizer tokenizer, bool stripsAccents, int contextLength, int? padToken) =>
        (_tokenizer, _stripsAccents, _contextLength, PadToken) = (tokenizer, stripsAccents, contextLength, padToken ?? tokenizer.PaddingTokenId);

    /// <summary>Token that fills up the shorter texts of a batch.</summary>
    public int PadToken { get; }

    /// <summary>The tokenizer of a model's files; null where they have no <see cref="Vocabulary"/>.</summary>
    /// <param name="assets">Files by name; <c>tokenizer_config.json</c> says whether texts become lower case and lose their accents.</param>
    /// <param name="config">Sizes of the model.</param>
    /// <exception cref="InvalidInputException">A file is malformed, or the vocabulary does not fit the model.</exception>
    public static BertTextTokenizer? FromAssets(IReadOnlyDictionary<string, byte[]> assets, BertConfig config)
    {
        ArgumentNullException.ThrowIfNull(assets);
        ArgumentNullException.ThrowIfNull(config);
        if (!assets.TryGetValue(Vocabulary, out var vocabulary))
            return null;
        var (lower, strip) = Casing(assets.GetValueOrDefault(ClipAssets.TokenizerConfig));
        Check(vocabulary, config.VocabularySize);
        return new BertTextTokenizer(Create(vocabulary, lower), strip, config.ContextLength, config.PadToken);
    }

    /// <summary>The tokenizer of a vocabulary without a model's configuration; it pads with <c>[PAD]</c>.</summary>
    /// <param name="vocabulary">One token a line, UTF-8.</param>
    /// <param name="lowercase">Whether texts become lower case and lose their accents.</param>
    /// <param name="contextLength">Most tokens of a text, the special ones included; at least 2.</param>
    /// <exception cref="InvalidInputException">It is no vocabulary.</exception>
    public static BertTextTokenizer FromVocabulary(byte[] vocabulary, bool lowercase, int contextLength)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        ArgumentOutOfRangeException.ThrowIfLessThan(contextLength, 2);
        Check(vocabulary, int.MaxValue);
        return new BertTextTokenizer(Create(vocabulary, lowercase), lowercase, contextLength, padToken: null);
    }

    /// <summary>Tokens of a text, class and separator token included, cut to the context length.</summary>
    public IReadOnlyList<int> Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _tokenizer.EncodeToIds(_stripsAccents ? Accents.Strip(text) : text, _contextLength, addSpecialTokens: true, out _, out _);
    }

    /// <summary>The inputs of a batch of texts: <c>input_ids</c>, <c>attention_mask</c> and <c>token_type_ids</c>, int64 [texts, longest].</summary>
    /// <param name="texts">At least one.</param>
    internal (torch.Tensor Ids, torch.Tensor Mask, torch.Tensor Types) EncodeBatch(IReadOnlyList<string> texts)
    {
        var rows = texts.Select(Encode).ToList();
        var width = rows.Max(r => r.Count);
        var ids = new long[rows.Count * width];
        var mask = new long[ids.Length];
        Array.Fill(ids, PadToken);
        for (var i = 0; i < rows.Count; i++)
        {
            for (var j = 0; j < rows[i].Count; j++)
                (ids[i * width + j], mask[i * width + j]) = (rows[i][j], 1);
        }
        long[] shape = [rows.Count, width];
        return (torch.tensor(ids, shape), torch.tensor(mask, shape), torch.zeros(shape, dtype: torch.ScalarType.Int64));
    }

    private static BertTokenizer Create(byte[] vocabulary, bool lowercase)
    {
        try
        {
            using var stream = new MemoryStream(vocabulary, writable: false);
            // Its own removal of accents needs the platform's globalization data.
            return BertTokenizer.Create(stream, new BertOptions { LowerCaseBeforeTokenization = lowercase, RemoveNonSpacingMarks = false });
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException or IOException)
        {
            throw new InvalidInputException($"{Vocabulary} is no vocabulary of BERT: {e.Message}", Vocabulary, e);
        }
    }

    private static void Check(byte[] vocabulary, int size)
    {
        var tokens = new HashSet<string>(StringComparer.Ordinal);
        using var reader = new StreamReader(new MemoryStream(vocabulary, writable: false));
        while (reader.ReadLine() is { } line)
        {
            if (!tokens.Add(line))
                throw new InvalidInputException($"{Vocabulary}: line {tokens.Count + 1} repeats the token '{line}'.", Vocabulary);
        }
        if (tokens.Count > size)
            throw new InvalidInputException($"{Vocabulary} has {tokens.Count} tokens but the model embeds only {size}; they do not belong together.", Vocabulary);
        if (Special.FirstOrDefault(t => !tokens.Contains(t)) is { } missing)
            throw new InvalidInputException($"{Vocabulary} has no token '{missing}'; copy the file from the checkpoint again.", Vocabulary);
    }

    private static (bool Lower, bool Strip) Casing(byte[]? json)
    {
        if (json is null)
            return (true, true);
        try
        {
            using var document = JsonDocument.Parse(json);
            var lower = Flag(document.RootElement, "do_lower_case") ?? true;
            return (lower, Flag(document.RootElement, "strip_accents") ?? lower);
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{ClipAssets.TokenizerConfig} is not JSON: {e.Message}", ClipAssets.TokenizerConfig, e);
        }
    }

    private static bool? Flag(JsonElement root, string key) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(key, out var value)
            ? value.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                JsonValueKind.Null => null,
                _ => throw new InvalidInputException($"{ClipAssets.TokenizerConfig}: {key}: it is neither true nor false.", ClipAssets.TokenizerConfig),
            }
            : null;
}
