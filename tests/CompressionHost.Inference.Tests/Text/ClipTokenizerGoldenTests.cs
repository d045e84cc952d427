using System.Text.Json;

namespace CompressionHost.Inference.Tests;

/// <summary>
/// The published CLIP vocabulary against ids that Hugging Face's fast tokenizer gave. The vocabulary is not part of this repository: set
/// COMPRESSIONHOST_GOLDEN to a folder with tokenizer/{tokens_full.json, vocab.json, merges.txt}.
/// </summary>
public sealed class ClipTokenizerGoldenTests
{
    private static readonly string? Folder = Environment.GetEnvironmentVariable("COMPRESSIONHOST_GOLDEN");

    [Fact]
    public void Ids_are_those_of_the_reference()
    {
        Assert.SkipWhen(string.IsNullOrEmpty(Folder), "COMPRESSIONHOST_GOLDEN is not set to a folder with the published CLIP vocabulary.");
        var tokenizer = ClipTokenizer.FromVocabulary(Read("vocab.json"), Read("merges.txt"));
        Assert.Equal((49408, 49406, 49407), (tokenizer.VocabularySize, tokenizer.BeginToken, tokenizer.EndToken));
        using var cases = JsonDocument.Parse(Read("tokens_full.json"));
        Assert.NotEqual(0, cases.RootElement.GetArrayLength());
        foreach (var golden in cases.RootElement.EnumerateArray())
        {
            var text = golden.GetProperty("text").GetString()!;
            Assert.Equal(Ids(golden, "hf_fast_rust"), tokenizer.Encode(text, int.MaxValue));
            var padded = new int[77];
            tokenizer.EncodePadded(text, padded);
            Assert.Equal(Ids(golden, "hf_padded77"), padded);
        }
    }

    private static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Folder!, "tokenizer", name));

    private static int[] Ids(JsonElement golden, string key) => [.. golden.GetProperty(key).EnumerateArray().Select(id => id.GetInt32())];
}
