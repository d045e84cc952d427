using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CompressionHost.Tensors;
using FsCheck;
using FsCheck.Xunit;

namespace CompressionHost.Inference.Tests;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class ClipTokenizerTests
{
    // .NET sees UTF-16 units; in the basic plane it agrees with an engine that sees scalars.
    private static readonly Regex Pattern = new(@"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+", RegexOptions.CultureInvariant);

    private static readonly ClipTokenizer Tokenizer = TrainedVocabulary.Instance.Tokenizer;

    [Fact]
    public void The_vocabulary_has_merges_to_test_with() => Assert.InRange(TrainedVocabulary.Instance.Merges, 100, 126);

    [Property(MaxTest = 300)]
    public void Encoding_agrees_with_naive_merging_on_any_text(UnicodeText text)
    {
        var words = Words(text.Value);
        int[] expected = [Tokenizer.BeginToken, .. words.SelectMany(TrainedVocabulary.Instance.EncodeWord), Tokenizer.EndToken];
        Assert.Equal(expected, Tokenizer.Encode(text.Value, int.MaxValue));
    }

    [Property(MaxTest = 300)]
    public void Decoding_gives_back_the_normalized_words(UnicodeText text) =>
        Assert.Equal(string.Join(' ', Words(text.Value)), Tokenizer.Decode(Tokenizer.Encode(text.Value, int.MaxValue)));

    [Property(MaxTest = 300)]
    public void Words_are_the_matches_of_the_published_pattern(UnicodeText text)
    {
        // .NET's Regex sees units, not scalars; composition can make a scalar of two units from one of one.
        var normalized = new string([.. ClipText.Normalize(text.Value).Where(c => !char.IsSurrogate(c))]);
        Assert.Equal(Pattern.Matches(normalized).Select(match => match.Value), ClipText.Words(normalized));
    }

    [Property]
    public void Truncation_keeps_the_first_ids_and_the_end(UnicodeText text, PositiveInt extra)
    {
        var length = 2 + (extra.Get % 20);
        var whole = Tokenizer.Encode(text.Value, int.MaxValue);
        var cut = Tokenizer.Encode(text.Value, length);
        Assert.Equal(whole.Length <= length ? whole : [.. whole[..(length - 1)], Tokenizer.EndToken], cut);
        var padded = new int[length];
        Tokenizer.EncodePadded(text.Value, padded);
        Assert.Equal([.. cut, .. Enumerable.Repeat(Tokenizer.PadToken, length - cut.Length)], padded);
    }

    [Fact]
    public void Letters_and_digits_outside_the_basic_plane_are_letters_and_digits() =>
        Assert.Equal(["𝐚", "𐐨𐐨x", "𝟏", "𝟐", "🐱🐱"], ClipText.Words(ClipText.Normalize("𝐚 𐐀𐐨X 𝟏𝟐🐱🐱")));

    [Fact]
    public void A_letter_that_composes_to_one_outside_the_basic_plane_stays_in_its_word() =>
        Assert.Equal(["\U0002284A\u0205"], ClipText.Words(ClipText.Normalize("\uFACF\u0204")));

    [Theory]
    [InlineData("İI", "i\u0307i")]
    [InlineData("ΣΑΣ", "σασ")]
    [InlineData("STRAẞE", "straße")]
    [InlineData("\u212Bngstro\u0308m", "ångström")]
    [InlineData("a \t\n\u2003b", "a b")]
    [InlineData("x\u001Cy", "x\u001Cy")]
    public void Normalization_follows_rust_s_rules(string text, string expected) => Assert.Equal(expected, ClipText.Normalize(text));

    [Fact]
    public void Lower_case_letters_stay_and_upper_case_ones_with_a_lower_case_change()
    {
        var changed = 0;
        for (var scalar = 0x80; scalar < 0x20000; scalar++)
        {
            if (!Rune.IsValid(scalar))
                continue;
            var composed = CanonicalComposition.Compose(new Rune(scalar).ToString());
            var normalized = ClipText.Normalize(composed);
            if (Rune.GetUnicodeCategory(new Rune(scalar)) == UnicodeCategory.LowercaseLetter)
                Assert.Equal(composed, normalized);
            else if (Rune.GetUnicodeCategory(new Rune(scalar)) == UnicodeCategory.UppercaseLetter && composed != normalized)
                changed++;
        }
        Assert.InRange(changed, 1300, 2000);
    }

    [Fact]
    public void Special_tokens_in_a_text_are_those_tokens()
    {
        int begin = Tokenizer.BeginToken, end = Tokenizer.EndToken;
        int[] dog = Tokenizer.Encode("dog", 77)[1..^1], cat = Tokenizer.Encode("cat", 77)[1..^1];
        Assert.Equal([begin, .. dog, end, .. cat, end], Tokenizer.Encode("dog<|endoftext|> cat", 77));
        Assert.Equal([begin, begin, .. dog, end], Tokenizer.Encode("<|StartOfText|>dog", 77));
        Assert.DoesNotContain(end, Tokenizer.Encode("dog <|EndOfText|> cat", 77)[..^1]);
        Assert.Equal([begin, .. dog, end, end], Tokenizer.Encode("dog<|endoftext|><|endoftext|>", 4)[..4]);
    }

    [Fact]
    public void Lone_surrogates_count_as_the_replacement_character() =>
        Assert.Equal(Tokenizer.Encode("a\uFFFDb", 77), Tokenizer.Encode("a\uD800b", 77));

    [Fact]
    public void A_context_too_short_for_begin_and_end_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.Encode("a", 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.EncodePadded("a", new int[1]));
    }

    [Fact]
    public void Ids_without_a_token_do_not_decode()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.Decode([-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.Decode([Tokenizer.VocabularySize]));
    }

    [Fact]
    public void A_word_of_a_hundred_thousand_letters_is_merged_in_time()
    {
        var text = string.Concat(Enumerable.Repeat("beachphoto", 10_000));
        Assert.Equal(text, Tokenizer.Decode(Tokenizer.Encode(text, int.MaxValue)));
    }

    [Fact]
    public async Task Threads_share_one_tokenizer()
    {
        var tokenizer = ClipTokenizer.FromVocabulary(TrainedVocabulary.Instance.VocabJson, TrainedVocabulary.Instance.MergesTxt);
        var texts = Enumerable.Range(0, 500).Select(i => $"photo {i} of beaches{i % 7} dog{(char)('a' + (i % 26))}").ToArray();
        var runs = Enumerable.Range(0, 8).Select(_ => Task.Run(() => texts.Select(text => tokenizer.Encode(text, 77)).ToArray()));
        foreach (var ids in await Task.WhenAll(runs))
            Assert.Equal(texts.Select(text => Tokenizer.Encode(text, 77)), ids);
    }

    [Fact]
    public void Assets_give_a_tokenizer_when_both_files_are_there()
    {
        var trained = TrainedVocabulary.Instance;
        Assert.Null(ClipTokenizer.FromAssets(new Dictionary<string, byte[]> { ["config.json"] = [] }));
        var both = new Dictionary<string, byte[]> { ["vocab.json"] = trained.VocabJson, ["merges.txt"] = trained.MergesTxt };
        Assert.Equal(Tokenizer.Encode("a dog", 77), ClipTokenizer.FromAssets(both)!.Encode("a dog", 77));
        both.Remove("merges.txt");
        Assert.Contains("merges.txt", Assert.Throws<InvalidInputException>(() => ClipTokenizer.FromAssets(both)).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Words(string text) => ClipText.Words(ClipText.Normalize(text));
}
