using System.Collections.Concurrent;
using System.Text;
using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>
/// CLIP's byte-level byte-pair encoding (Radford et al. 2021), with the ids of Hugging Face's fast tokenizer. Any number of threads
/// may use one instance.
/// </summary>
/// <remarks>
/// <c>&lt;|endoftext|&gt;</c> in a text is that token where it stands exactly so; <c>&lt;|startoftext|&gt;</c> is looked for after lower-casing, as
/// the published checkpoints configure it.
/// </remarks>
public sealed class ClipTokenizer
{
    // Captions repeat their words; past these limits a word is merged anew each time, so memory stays bounded.
    private const int MaximumCachedWords = 1 << 16;
    private const int MaximumCachedLength = 64;

    private readonly ClipVocabulary _vocabulary;
    private readonly BytePairMerger _merger;
    private readonly ConcurrentDictionary<string, int[]> _cache = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private int _cached;

    private ClipTokenizer(ClipVocabulary vocabulary)
    {
        _vocabulary = vocabulary;
        _merger = new BytePairMerger(vocabulary.Merges);
        _lookup = _cache.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>How many rows a token embedding needs: the largest id and one.</summary>
    public int VocabularySize => _vocabulary.Size;

    /// <summary>The id that every encoded text begins with.</summary>
    public int BeginToken => _vocabulary.Begin;

    /// <summary>The id that every encoded text ends with.</summary>
    public int EndToken => _vocabulary.End;

    /// <summary>The id that fills a text up to the context length: <see cref="EndToken"/>, as Hugging Face's CLIP pads.</summary>
    public int PadToken => _vocabulary.End;

    /// <param name="vocabJson">vocab.json: token to id.</param>
    /// <param name="mergesTxt">merges.txt: a pair a line, the first merged first.</param>
    /// <exception cref="InvalidInputException">Either is malformed, or they do not belong together.</exception>
    public static ClipTokenizer FromVocabulary(ReadOnlySpan<byte> vocabJson, ReadOnlySpan<byte> mergesTxt) =>
        new(ClipVocabulary.Parse(vocabJson, mergesTxt));

    /// <summary>The tokenizer of a model's files <c>vocab.json</c> and <c>merges.txt</c>; null when it has neither.</summary>
    /// <exception cref="InvalidInputException">One of the two is missing or malformed.</exception>
    public static ClipTokenizer? FromAssets(IReadOnlyDictionary<string, byte[]> assets)
    {
        ArgumentNullException.ThrowIfNull(assets);
        var hasVocabulary = assets.TryGetValue("vocab.json", out var vocabulary);
        var hasMerges = assets.TryGetValue("merges.txt", out var merges);
        if (!hasVocabulary && !hasMerges)
            return null;
        if (hasVocabulary != hasMerges)
        {
            var missing = hasVocabulary ? "merges.txt" : "vocab.json";
            throw new InvalidInputException($"The model has no {missing}, which its tokenizer needs. Copy it from the checkpoint it came from.", missing);
        }
        return FromVocabulary(vocabulary, merges);
    }

    /// <summary>Token ids with begin and end. A text too long keeps its first ids and the end; nothing is padded.</summary>
    /// <param name="text">Any text; lone surrogates count as U+FFFD.</param>
    /// <param name="contextLength">The most ids to give, at least 2.</param>
    public int[] Encode(string text, int contextLength) => [.. Ids(text, contextLength)];

    /// <summary><see cref="Encode"/> into the whole of a span, filled up with <see cref="PadToken"/>.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="destination">The context length's ids, at least 2.</param>
    public void EncodePadded(string text, Span<int> destination)
    {
        var ids = Ids(text, destination.Length);
        ids.CopyTo(destination);
        destination[ids.Count..].Fill(PadToken);
    }

    /// <summary>The text of token ids, without begin and end; words are set apart by one space.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No token has one of the ids.</exception>
    public string Decode(ReadOnlySpan<int> ids)
    {
        var bytes = new List<byte>(ids.Length * 4);
        foreach (var id in ids)
        {
            var token = (id >= 0 && id < VocabularySize ? _vocabulary.Tokens[id] : null)
                ?? throw new ArgumentOutOfRangeException(nameof(ids), id, "No token has this id.");
            if (id == BeginToken || id == EndToken)
                continue;
            var last = token.EndsWith(ClipSymbols.EndOfWord, StringComparison.Ordinal);
            foreach (var symbol in last ? token.AsSpan(0, token.Length - ClipSymbols.EndOfWord.Length) : token)
                bytes.Add(ClipSymbols.TryGetByte(symbol, out var value) ? value : (byte)'?');
            if (last)
                bytes.Add((byte)' ');
        }
        return Encoding.UTF8.GetString([.. bytes]).TrimEnd(' ');
    }

    private List<int> Ids(string text, int contextLength)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(contextLength, 2);
        var limit = contextLength - 1;
        var ids = new List<int>(Math.Min(contextLength, (text.Length / 2) + 8)) { BeginToken };
        var start = 0;
        while (ids.Count < limit)
        {
            var end = text.IndexOf(ClipSymbols.EndText, start, StringComparison.Ordinal);
            AddPiece(ClipText.Normalize(end < 0 ? text[start..] : text[start..end]), ids, limit);
            if (end < 0)
                break;
            ids.Add(EndToken);
            start = end + ClipSymbols.EndText.Length;
        }
        if (ids.Count > limit)
            ids.RemoveRange(limit, ids.Count - limit);
        ids.Add(EndToken);
        return ids;
    }

    private void AddPiece(ReadOnlySpan<char> normalized, List<int> ids, int limit)
    {
        while (ids.Count < limit)
        {
            var begin = normalized.IndexOf(ClipSymbols.BeginText);
            AddWords(begin < 0 ? normalized : normalized[..begin], ids, limit);
            if (begin < 0)
                return;
            ids.Add(BeginToken);
            normalized = normalized[(begin + ClipSymbols.BeginText.Length)..];
        }
    }

    private void AddWords(ReadOnlySpan<char> text, List<int> ids, int limit)
    {
        var position = 0;
        while (ids.Count < limit)
        {
            var (offset, length) = ClipText.NextWord(text, position).GetOffsetAndLength(text.Length);
            if (length == 0)
                return;
            var word = text.Slice(offset, length);
            position = offset + length;
            ids.AddRange(_lookup.TryGetValue(word, out var known) ? known : Merge(word));
        }
    }

    private int[] Merge(ReadOnlySpan<char> word)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(word)];
        Encoding.UTF8.GetBytes(word, bytes);
        var symbols = new int[bytes.Length];
        for (var i = 0; i < symbols.Length; i++)
            symbols[i] = (i == symbols.Length - 1 ? _vocabulary.Last : _vocabulary.Inner)[bytes[i]];
        var count = _merger.Merge(symbols);
        var ids = symbols[..count];
        if (word.Length <= MaximumCachedLength && Volatile.Read(ref _cached) < MaximumCachedWords && _lookup.TryAdd(word, ids))
            Interlocked.Increment(ref _cached);
        return ids;
    }
}
