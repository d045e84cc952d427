namespace CompressionHost.Tools;

/// <summary>Sentences of made-up words, to train a vocabulary on.</summary>
internal static class MadeUpText
{
    private static readonly string[] Onsets = ["b", "br", "d", "f", "gr", "k", "l", "m", "n", "p", "pl", "r", "s", "st", "t", "tr", "v", "z"];
    private static readonly string[] Vowels = ["a", "e", "i", "o", "u", "ai", "ou"];
    private static readonly string[] Codas = ["", "", "n", "r", "s", "l", "t", "nd"];

    public static IEnumerable<string> Sentences(int seed, int count)
    {
        var random = new Random(seed);
        var words = Enumerable.Range(0, 600).Select(_ => Word(random)).ToArray();
        for (var i = 0; i < count; i++)
        {
            // Squared, so that some words are common and most are rare, as in real text.
            yield return "a " + string.Join(' ', Enumerable.Range(0, random.Next(3, 10)).Select(_ => words[(int)(words.Length * Math.Pow(random.NextDouble(), 2))]));
        }
    }

    private static string Word(Random random) => string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => Pick(random, Onsets) + Pick(random, Vowels) + Pick(random, Codas)));

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];
}
