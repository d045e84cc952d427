using System.Text;
using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Models;

/// <summary>
/// Makes a <c>vocab.txt</c> from texts: the special tokens, every character alone and inside a word, so that any word of the texts can be written,
/// and then the most frequent words. Texts are lower-cased and lose their accents, as the tokenizer does by default.
/// </summary>
public static class WordVocabulary
{
    /// <summary>The least size: the special tokens and a few characters.</summary>
    public const int MinimumSize = 32;

    private static readonly string[] Special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>Learns a vocabulary.</summary>
    /// <param name="texts">The texts, enumerated once.</param>
    /// <param name="size">Most tokens of it, at least <see cref="MinimumSize"/>.</param>
    /// <returns>The file, UTF-8, one token a line. The same texts give the same file.</returns>
    /// <exception cref="InvalidInputException">There are no texts.</exception>
    public static byte[] Learn(IEnumerable<string> texts, int size)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, MinimumSize);
        var words = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var word in texts.SelectMany(Words))
            words[word] = words.GetValueOrDefault(word) + 1;
        if (words.Count == 0)
            throw new InvalidInputException("There are no training texts to learn a vocabulary from. Give data with captions, or 'tokenizer', a folder with vocab.txt.");
        var characters = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (word, count) in words)
        {
            foreach (var (rune, index) in word.EnumerateRunes().Select((r, i) => (r.ToString(), i)))
            {
                var token = index == 0 ? rune : "##" + rune;
                characters[token] = characters.GetValueOrDefault(token) + count;
            }
        }
        var tokens = Special.Concat(ByFrequency(characters)).Concat(ByFrequency(words)).Distinct(StringComparer.Ordinal).Take(size);
        return Encoding.UTF8.GetBytes(string.Concat(tokens.Select(t => t + "\n")));
    }

    private static IEnumerable<string> ByFrequency(Dictionary<string, long> counts) =>
        counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).Select(c => c.Key);

    /// <summary>Runs of letters and digits; any other character that is not white space is a word of its own.</summary>
    private static IEnumerable<string> Words(string text)
    {
        var word = new StringBuilder();
        foreach (var rune in Accents.Strip(text).EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune))
            {
                word.Append(Rune.ToLowerInvariant(rune).ToString());
                continue;
            }
            if (word.Length > 0)
                yield return word.ToString();
            word.Clear();
            if (!Rune.IsWhiteSpace(rune) && !Rune.IsControl(rune))
                yield return rune.ToString();
        }
        if (word.Length > 0)
            yield return word.ToString();
    }
}
