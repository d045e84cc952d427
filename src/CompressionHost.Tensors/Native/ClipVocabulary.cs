using System.Text;

namespace CompressionHost.Tensors;

/// <summary>
/// The vocabulary of a CLIP tokenizer follows from its merges: the byte symbols (<see cref="ClipSymbols"/>), each merge joined, and
/// two special tokens, numbered in that order. A package that holds merges.txt need not hold vocab.json.
/// </summary>
internal static class ClipVocabulary
{
    public const string FileName = "vocab.json";
    public const string MergesFileName = "merges.txt";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>vocab.json in compact form, without escapes beyond the necessary; null where the merges are not UTF-8 or not pairs.</summary>
    public static byte[]? Derive(ReadOnlySpan<byte> merges)
    {
        string text;
        try
        {
            text = Strict.GetString(merges);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
        var json = new StringBuilder(text.Length * 2).Append('{');
        var id = 0;
        foreach (var token in ClipSymbols.FirstTokens)
            Append(json, token, id++);
        foreach (var line in text.EnumerateLines())
        {
            if (line.IsEmpty || (id == ClipSymbols.FirstTokens.Count && line.StartsWith("#version")))
                continue;
            var space = line.IndexOf(' ');
            if (space <= 0 || space == line.Length - 1 || line[(space + 1)..].Contains(' '))
                return null;
            Append(json, string.Concat(line[..space], line[(space + 1)..]), id++);
        }
        Append(json, ClipSymbols.BeginText, id++);
        Append(json, ClipSymbols.EndText, id);
        return Strict.GetBytes(json.Append('}').ToString());
    }

    private static void Append(StringBuilder json, string token, int id)
    {
        if (id > 0)
            json.Append(',');
        json.Append('"').Append(token.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal));
        json.Append("\":").Append(id);
    }
}
