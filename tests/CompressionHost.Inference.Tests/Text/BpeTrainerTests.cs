using System.Text;
using System.Text.Json;
using CompressionHost.Tensors;
using FsCheck.Xunit;

namespace CompressionHost.Inference.Tests;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class BpeTrainerTests
{
    [Fact]
    public void Merges_are_those_worked_out_by_hand()
    {
        // Counts: (e s) and (s t</w>) 9, and "e" has the smaller id; (es t</w>) 9; (l o) 7; then all of n-e-w-est</w> 6, "e" first, then "n".
        var texts = Enumerable.Repeat("low", 5).Concat(Enumerable.Repeat("lower", 2)).Concat(Enumerable.Repeat("newest", 6)).Concat(Enumerable.Repeat("widest", 3));
        var (_, merges) = BpeTrainer.Train(texts, 514 + 6);
        Assert.Equal("#version: 0.2\ne s\nes t</w>\nl o\ne w\nn ew\nnew est</w>\n", Encoding.UTF8.GetString(merges));
    }

    [Fact]
    public void The_vocabulary_is_laid_out_as_clip_s()
    {
        var tokens = Tokens(BpeTrainer.Train(["aab", "aab"], 1000).VocabJson);
        Assert.Equal("!", tokens[0]);
        Assert.Equal("!</w>", tokens[256]);
        Assert.Equal(["aa", "aab</w>", "<|startoftext|>", "<|endoftext|>"], tokens[512..]);
    }

    [Fact]
    public void Training_stops_when_no_pair_occurs_twice()
    {
        var (vocabulary, merges) = BpeTrainer.Train(["abcdefg hijk", "<|endoftext|> <|endoftext|>"], 5000);
        Assert.Equal("#version: 0.2\n", Encoding.UTF8.GetString(merges));
        Assert.Equal(BpeTrainer.MinimumVocabularySize, Tokens(vocabulary).Length);
        Assert.Equal(BpeTrainer.MinimumVocabularySize, Tokens(BpeTrainer.Train([], 5000).VocabJson).Length);
    }

    [Fact]
    public void A_size_without_room_for_the_bytes_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => BpeTrainer.Train(["a"], BpeTrainer.MinimumVocabularySize - 1));

    [Property(MaxTest = 60)]
    public void Training_gives_what_recounting_before_every_merge_gives(UnicodeText[] texts)
    {
        var captions = texts.Select(text => text.Value).Concat(["banana bandana", "ababab abab", "aaaa aaa"]).ToArray();
        var (vocabulary, merges) = BpeTrainer.Train(captions, 560);
        Assert.Equal(Recount(captions, 560 - BpeTrainer.MinimumVocabularySize), Encoding.UTF8.GetString(merges).Split('\n')[1..^1]);
        Assert.InRange(ClipTokenizer.FromVocabulary(vocabulary, merges).VocabularySize, BpeTrainer.MinimumVocabularySize, 560);
        var (again, mergesAgain) = BpeTrainer.Train(captions, 560);
        Assert.Equal(vocabulary, again);
        Assert.Equal(merges, mergesAgain);
    }

    /// <summary>The definition: count all pairs anew, merge the most frequent, until enough new tokens are there.</summary>
    private static List<string> Recount(string[] captions, int newTokens)
    {
        var tokens = Tokens(BpeTrainer.Train([], BpeTrainer.MinimumVocabularySize).VocabJson)[..512].ToList();
        var words = captions.SelectMany(caption => ClipText.Words(ClipText.Normalize(caption)))
            .Select(word => Encoding.UTF8.GetBytes(word).Select(value => ClipSymbols.Of(value).ToString()).ToList()).ToList();
        foreach (var word in words)
            word[^1] += "</w>";
        var merges = new List<string>();
        while (tokens.Count < 512 + newTokens)
        {
            var pairs = words.SelectMany(word => word.Zip(word.Skip(1))).GroupBy(pair => pair).Where(group => group.Count() >= 2)
                .OrderByDescending(group => group.Count()).ThenBy(group => tokens.IndexOf(group.Key.First)).ThenBy(group => tokens.IndexOf(group.Key.Second));
            if (pairs.FirstOrDefault() is not { Key: var (left, right) })
                break;
            merges.Add($"{left} {right}");
            if (!tokens.Contains(left + right))
                tokens.Add(left + right);
            foreach (var word in words)
            {
                for (var i = 0; i + 1 < word.Count; i++)
                {
                    if (word[i] != left || word[i + 1] != right)
                        continue;
                    word[i] += right;
                    word.RemoveAt(i + 1);
                }
            }
        }
        return merges;
    }

    private static string[] Tokens(byte[] vocabJson) =>
        [.. JsonSerializer.Deserialize<Dictionary<string, int>>(vocabJson)!.OrderBy(pair => pair.Value).Select((pair, id) => pair.Value == id ? pair.Key : throw new InvalidDataException($"No token has id {id}."))];
}
