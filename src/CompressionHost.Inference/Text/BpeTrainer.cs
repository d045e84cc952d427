using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CompressionHost.Tensors;

namespace CompressionHost.Inference;

/// <summary>Learns a CLIP-style byte-pair vocabulary from texts (Sennrich et al. 2016, algorithm 1, over bytes). Same texts, same bytes.</summary>
public static class BpeTrainer
{
    /// <summary>The size of a vocabulary without merges: 256 bytes inside a word, 256 at its end, begin and end.</summary>
    public const int MinimumVocabularySize = 514;

    /// <summary>Merges the most frequent pair (of equals the one with the smallest ids) until the vocabulary is full or no pair occurs twice.</summary>
    /// <param name="texts">Captions; cut into words as <see cref="ClipTokenizer"/> does.</param>
    /// <param name="vocabularySize">The most tokens, at least <see cref="MinimumVocabularySize"/>.</param>
    /// <returns>vocab.json and merges.txt as <see cref="ClipTokenizer.FromVocabulary"/> and transformers read them.</returns>
    public static (byte[] VocabJson, byte[] MergesTxt) Train(IEnumerable<string> texts, int vocabularySize)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, MinimumVocabularySize);
        List<string> tokens = [.. ClipSymbols.FirstTokens];
        var ids = tokens.Select((token, id) => (token, id)).ToDictionary(pair => pair.token, pair => pair.id, StringComparer.Ordinal);
        var corpus = new BpeCorpus(CountWords(texts).Select(word => (Symbols(word.Key, ids), word.Value)));
        var merges = new StringBuilder("#version: 0.2\n");
        while (tokens.Count < vocabularySize - 2 && corpus.MostFrequent() is var (left, right))
        {
            var merged = tokens[left] + tokens[right];
            // Two pairs can spell the same token ("ab" "c", "a" "bc"): it keeps one id.
            if (ids.TryAdd(merged, tokens.Count))
                tokens.Add(merged);
            merges.Append(tokens[left]).Append(' ').Append(tokens[right]).Append('\n');
            corpus.Merge(left, right, ids[merged]);
        }
        tokens.Add(ClipSymbols.BeginText);
        tokens.Add(ClipSymbols.EndText);
        return (WriteVocabulary(tokens), Encoding.UTF8.GetBytes(merges.ToString()));
    }

    /// <summary>Words in the order of their first occurrence, with how often they occur; the special tokens are not words.</summary>
    private static OrderedDictionary<string, long> CountWords(IEnumerable<string> texts)
    {
        var counts = new OrderedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            foreach (var piece in ClipText.Normalize(text).Split([ClipSymbols.BeginText, ClipSymbols.EndText], StringSplitOptions.None))
            {
                foreach (var word in ClipText.Words(piece))
                    counts[word] = counts.GetValueOrDefault(word) + 1;
            }
        }
        return counts;
    }

    private static int[] Symbols(string word, Dictionary<string, int> ids)
    {
        var bytes = Encoding.UTF8.GetBytes(word);
        return [.. bytes.Select((value, i) => ids[ClipSymbols.Of(value) + (i == bytes.Length - 1 ? ClipSymbols.EndOfWord : "")])];
    }

    private static byte[] WriteVocabulary(List<string> tokens)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            for (var id = 0; id < tokens.Count; id++)
                writer.WriteNumber(tokens[id], id);
            writer.WriteEndObject();
        }
        return stream.ToArray();
    }
}
