using System.Text;

namespace CompressionHost.Tensors;

/// <summary>
/// The vocabulary of a CLIP tokenizer follows from its merges: the 256 byte symbols, the same with the end-of-word mark, each merge
/// joined, and two special tokens, numbered in that order. A package that holds merges.txt need not hold vocab.json.
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
        var symbols = ByteSymbols();
        foreach (var s in symbols)
            Append(json, s.ToString(), id++);
        foreach (var s in symbols)
            Append(json, s + "</w>", id++);
        foreach (var line in text.EnumerateLines())
        {
            if (line.IsEmpty || (id == 2 * symbols.Length && line.StartsWith("#version")))
                continue;
            var space = line.IndexOf(' ');
            if (space <= 0 || space == line.Length - 1 || line[(space + 1)..].Contains(' '))
                return null;
            Append(json, string.Concat(line[..space], line[(space + 1)..]), id++);
        }
        Append(json, "<|startoftext|>", id++);
        Append(json, "<|endoftext|>", id);
        return Strict.GetBytes(json.Append('}').ToString());
    }

    // Byte-level BPE prints each byte as a visible character: itself where Latin-1 has one, else the next free one from U+0100.
    private static char[] ByteSymbols()
    {
        var visible = Enumerable.Range(0, 256).Where(b => b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE).Select(b => (char)b).ToArray();
        return [.. visible, .. Enumerable.Range(0x100, 256 - visible.Length).Select(c => (char)c)];
    }

    private static void Append(StringBuilder json, string token, int id)
    {
        if (id > 0)
            json.Append(',');
        json.Append('"').Append(token.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal));
        json.Append("\":").Append(id);
    }
}
