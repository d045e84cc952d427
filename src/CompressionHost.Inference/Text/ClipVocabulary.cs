using System.Text;
using System.Text.Json;
using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>A byte-level vocabulary with its merges, read from vocab.json and merges.txt and checked.</summary>
internal sealed class ClipVocabulary
{
    // The published CLIP vocabularies have 49,408 tokens in under a megabyte.
    private const int MaximumBytes = 64 << 20;
    private const int MaximumId = (1 << 20) - 1;

    private readonly Dictionary<string, int> _ids;

    private ClipVocabulary(Dictionary<string, int> ids)
    {
        _ids = ids;
        Size = ids.Values.Max() + 1;
        Tokens = new string[Size];
        foreach (var (token, id) in ids)
            Tokens[id] = token;
        for (var value = 0; value < 256; value++)
        {
            Inner[value] = Require(ClipSymbols.Of((byte)value).ToString());
            Last[value] = Require(ClipSymbols.Of((byte)value) + ClipSymbols.EndOfWord);
        }
        Begin = Require(ClipSymbols.BeginText);
        End = Require(ClipSymbols.EndText);
    }

    /// <summary>The largest id and one.</summary>
    public int Size { get; }

    public int Begin { get; }

    public int End { get; }

    /// <summary>Tokens by id; null where no token has the id.</summary>
    public string?[] Tokens { get; }

    /// <summary>The token of each byte inside a word.</summary>
    public int[] Inner { get; } = new int[256];

    /// <summary>The token of each byte at the end of a word.</summary>
    public int[] Last { get; } = new int[256];

    public Dictionary<long, (int Rank, int Id)> Merges { get; } = [];

    public static ClipVocabulary Parse(ReadOnlySpan<byte> vocabJson, ReadOnlySpan<byte> mergesTxt)
    {
        if (vocabJson.Length > MaximumBytes || mergesTxt.Length > MaximumBytes)
            throw Bad("vocab.json", $"vocab.json ({vocabJson.Length} bytes) or merges.txt ({mergesTxt.Length} bytes) is larger than {MaximumBytes} bytes");
        var vocabulary = new ClipVocabulary(ParseIds(vocabJson));
        vocabulary.ParseMerges(mergesTxt);
        return vocabulary;
    }

    private static Dictionary<string, int> ParseIds(ReadOnlySpan<byte> json)
    {
        var ids = new Dictionary<string, int>();
        var tokens = new Dictionary<int, string>();
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw Bad("vocab.json", "it is not a JSON object of token to id");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var token = reader.GetString()!;
                if (!reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out var id))
                    throw Bad("vocab.json", $"the id of '{token}' is not an integer");
                if (id is < 0 or > MaximumId)
                    throw Bad("vocab.json", $"the id {id} of '{token}' is outside 0 to {MaximumId}");
                if (!tokens.TryAdd(id, token))
                    throw Bad("vocab.json", $"'{tokens[id]}' and '{token}' have the same id {id}");
                if (!ids.TryAdd(token, id))
                    throw Bad("vocab.json", $"'{token}' is listed twice");
            }
            if (reader.TokenType != JsonTokenType.EndObject || reader.Read())
                throw Bad("vocab.json", "something follows the object of tokens");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Bad("vocab.json", $"it is not valid JSON ({e.Message})", e);
        }
        return ids.Count > 0 ? ids : throw Bad("vocab.json", "it has no tokens");
    }

    private void ParseMerges(ReadOnlySpan<byte> utf8)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(utf8);
        }
        catch (DecoderFallbackException e)
        {
            throw Bad("merges.txt", "it is not UTF-8", e);
        }
        var number = 0;
        foreach (var ending in text.AsSpan().EnumerateLines())
        {
            number++;
            var line = ending.Trim(' ');
            if (line.IsEmpty || (number == 1 && line.StartsWith("#version", StringComparison.Ordinal)))
                continue;
            var space = line.IndexOf(' ');
            if (space < 0 || line[(space + 1)..].Contains(' '))
                throw Bad("merges.txt", $"line {number} is not two symbols and one space between them");
            string left = line[..space].ToString(), right = line[(space + 1)..].ToString();
            var key = BytePairMerger.Key(OfMerge(left, number), OfMerge(right, number));
            if (!Merges.TryAdd(key, (Merges.Count, OfMerge(left + right, number))))
                throw Bad("merges.txt", $"line {number} repeats the merge of '{left}' and '{right}'");
        }
    }

    private int OfMerge(string token, int line) =>
        _ids.TryGetValue(token, out var id) ? id : throw Bad("merges.txt", $"line {line} needs the token '{token}', which vocab.json does not have");

    private int Require(string token) =>
        _ids.TryGetValue(token, out var id) ? id : throw Bad("vocab.json", $"the token '{token}' is missing, so it is not a CLIP vocabulary");

    private static InvalidInputException Bad(string file, string what, Exception? inner = null) =>
        new($"Cannot use the tokenizer's {file}: {what}. Copy vocab.json and merges.txt of one Hugging Face CLIP checkpoint.", file, inner);
}
