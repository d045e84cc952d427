using System.Globalization;
using System.Text;

namespace CompressionHost.Inference;

/// <summary>Accents of letters, without the globalization data of the platform, which small deployments leave out.</summary>
public static class Accents
{
    /// <summary>The text with characters taken apart (form D) and without their nonspacing marks, as BERT's uncased tokenizers read it. Lone surrogates become U+FFFD.</summary>
    public static string Strip(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', '\x7f'))
            return text;
        var scalars = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
            CanonicalComposition.Decompose(rune.Value, scalars);
        var stripped = new StringBuilder(scalars.Count);
        foreach (var rune in scalars.Select(s => new Rune(s)))
        {
            if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark)
                stripped.Append(rune.ToString());
        }
        return stripped.ToString();
    }
}
