using System.Text;
using System.Text.Json.Nodes;
using CompressionHost.Tensors;

namespace CompressionHost.Inference.Tests;

public sealed class ClipVocabularyTests
{
    private static readonly byte[] Merges = TrainedVocabulary.Instance.MergesTxt;

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":1}{}")]
    [InlineData("{\"a\":\"1\"}")]
    [InlineData("{\"a\":1.5}")]
    [InlineData("{\"a\":{\"b\":1}}")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("{\"a\":99999999999}")]
    [InlineData("null")]
    public void What_is_not_an_object_of_ids_is_refused(string json) =>
        Assert.Throws<InvalidInputException>(() => ClipTokenizer.FromVocabulary(Encoding.UTF8.GetBytes(json), Merges));

    [Theory]
    [InlineData("!", null, "'!' is missing")]
    [InlineData("Ġ", null, "'Ġ' is missing")]
    [InlineData("Ġ</w>", null, "'Ġ</w>' is missing")]
    [InlineData("<|endoftext|>", null, "'<|endoftext|>' is missing")]
    [InlineData("<|startoftext|>", null, "'<|startoftext|>' is missing")]
    [InlineData("!", -1, "outside 0")]
    [InlineData("!", 1 << 20, "outside 0")]
    [InlineData("!", 1, "same id 1")]
    public void A_vocabulary_that_is_not_whole_is_refused_by_name(string token, int? id, string message)
    {
        var vocabulary = JsonNode.Parse(TrainedVocabulary.Instance.VocabJson)!.AsObject();
        vocabulary.Remove(token);
        if (id is not null)
            vocabulary[token] = id;
        var error = Assert.Throws<InvalidInputException>(() => ClipTokenizer.FromVocabulary(Encoding.UTF8.GetBytes(vocabulary.ToJsonString()), Merges));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("vocab.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_listed_twice_is_refused()
    {
        var json = Encoding.UTF8.GetString(TrainedVocabulary.Instance.VocabJson);
        var twice = json[..^1] + ",\"!\":9999}";
        var error = Assert.Throws<InvalidInputException>(() => ClipTokenizer.FromVocabulary(Encoding.UTF8.GetBytes(twice), Merges));
        Assert.Contains("twice", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", "line 2")]
    [InlineData("a b c", "line 2")]
    [InlineData("ab", "line 2")]
    [InlineData("犬 a", "'犬'")]
    [InlineData("z q", "'zq'")]
    public void A_merge_of_unknown_tokens_is_refused_at_its_line(string merges, string message)
    {
        var error = Assert.Throws<InvalidInputException>(
            () => ClipTokenizer.FromVocabulary(TrainedVocabulary.Instance.VocabJson, Encoding.UTF8.GetBytes("#version: 0.2\n" + merges)));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("merges.txt", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_merge_listed_twice_is_refused()
    {
        byte[] twice = [.. Merges, .. Merges.AsSpan("#version: 0.2\n".Length)];
        var error = Assert.Throws<InvalidInputException>(() => ClipTokenizer.FromVocabulary(TrainedVocabulary.Instance.VocabJson, twice));
        Assert.Contains($"line {TrainedVocabulary.Instance.Merges + 2} repeats", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Merges_that_are_not_utf8_are_refused() =>
        Assert.Throws<InvalidInputException>(() => ClipTokenizer.FromVocabulary(TrainedVocabulary.Instance.VocabJson, [0x61, 0x20, 0xFF]));

    [Fact]
    public void Files_of_absurd_size_are_refused_unread()
    {
        var error = Assert.Throws<InvalidInputException>(() => ClipTokenizer.FromVocabulary(new byte[(64 << 20) + 1], Merges));
        Assert.Contains("larger", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Windows_line_ends_and_blank_lines_are_read()
    {
        var windows = Encoding.UTF8.GetString(Merges).Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n\r\n";
        var tokenizer = ClipTokenizer.FromVocabulary(TrainedVocabulary.Instance.VocabJson, Encoding.UTF8.GetBytes(windows));
        const string text = "photos of the beach";
        Assert.Equal(TrainedVocabulary.Instance.Tokenizer.Encode(text, 77), tokenizer.Encode(text, 77));
    }

    [Fact]
    public void Ids_may_have_gaps_and_the_size_is_the_largest_id_and_one()
    {
        var vocabulary = JsonNode.Parse(TrainedVocabulary.Instance.VocabJson)!.AsObject();
        vocabulary["<|endoftext|>"] = 2000;
        var tokenizer = ClipTokenizer.FromVocabulary(Encoding.UTF8.GetBytes(vocabulary.ToJsonString()), Merges);
        Assert.Equal((2001, 2000), (tokenizer.VocabularySize, tokenizer.EndToken));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([1999]));
    }
}
