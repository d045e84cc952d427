namespace CompressionHost.Inference.Tests;

/// <summary>A vocabulary trained on a few captions, and a naive encoder over the same merges to compare the tokenizer with.</summary>
internal sealed class TrainedVocabulary
{
    private static readonly string[] Captions =
    [
        "a photo of a small dog on the beach", "A photo of the dogs' house, isn't it?", "two dogs and three cats in a photo",
        "the cat sat on the mat; the cat's mat", "a big red ball and a small blue ball", "the red dog catches the blue ball on the beach",
        "Привет мир, привет", "крик и крики", "café cafés au café", "写真の犬 犬と猫", "it's we've they're I'll he'd I'm don't", "aaaa aaa aa aaaaaaa",
        "🐱🐱 🐱 cats 2024 1999", "!!! ??? ... !!! ...", "ÅÅ Å ångström ångström", "beaches teaches reaches each of the photos of the houses",
    ];

    private readonly List<(string Left, string Right)> _merges = [];
    private readonly Dictionary<string, int> _ids;

    private TrainedVocabulary()
    {
        (VocabJson, MergesTxt) = BpeTrainer.Train(Captions.Concat(Captions), 640);
        Tokenizer = ClipTokenizer.FromVocabulary(VocabJson, MergesTxt);
        _ids = System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, int>>(VocabJson)!;
        foreach (var line in System.Text.Encoding.UTF8.GetString(MergesTxt).Split('\n').Skip(1).Where(line => line.Length > 0))
            _merges.Add((line.Split(' ')[0], line.Split(' ')[1]));
    }

    public static TrainedVocabulary Instance { get; } = new();

    public byte[] VocabJson { get; }

    public byte[] MergesTxt { get; }

    public ClipTokenizer Tokenizer { get; }

    public int Merges => _merges.Count;

    /// <summary>Each merge in turn over the whole word, left to right, on strings (Sennrich et al. 2016, algorithm 1).</summary>
    public IEnumerable<int> EncodeWord(string word)
    {
        var symbols = System.Text.Encoding.UTF8.GetBytes(word).Select(value => Symbol(value).ToString()).ToList();
        symbols[^1] += "</w>";
        foreach (var (left, right) in _merges)
        {
            for (var i = 0; i + 1 < symbols.Count; i++)
            {
                if (symbols[i] != left || symbols[i + 1] != right)
                    continue;
                symbols[i] += symbols[i + 1];
                symbols.RemoveAt(i + 1);
            }
        }
        return symbols.Select(symbol => _ids[symbol]);
    }

    /// <summary>GPT-2's table by its definition: the n-th byte that is not printable Latin-1 is the character 256 + n.</summary>
    private static char Symbol(byte value)
    {
        static bool Printable(int b) => b is (> 32 and < 127) or (> 160 and < 173) or > 173;
        return (char)(Printable(value) ? value : 256 + Enumerable.Range(0, value).Count(b => !Printable(b)));
    }
}
