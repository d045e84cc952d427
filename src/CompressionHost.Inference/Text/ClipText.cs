using System.Globalization;
using System.Text;

namespace CompressionHost.Inference;

/// <summary>What happens to a text before byte-pair encoding: normalization, then the cut into words.</summary>
/// <remarks>
/// A word is what CLIP's pattern <c>'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+</c> matches. .NET's Regex sees UTF-16
/// units, so that a letter outside the basic plane would not be one; this scanner sees scalars, and never backtracks.
/// </remarks>
internal static class ClipText
{
    private enum Kind : byte { Space, Letter, Number, Other }

    /// <summary>Form C, white space runs to one space, lower case of each scalar by itself (so no final sigma).</summary>
    public static string Normalize(string text)
    {
        text = CanonicalComposition.Compose(text);
        var normalized = new StringBuilder(text.Length);
        Span<char> units = stackalloc char[2];
        var afterSpace = false;
        foreach (var rune in text.EnumerateRunes())
        {
            var space = Rune.IsWhiteSpace(rune);
            if (space)
            {
                if (!afterSpace)
                    normalized.Append(' ');
            }
            else if (rune.IsAscii)
            {
                var unit = (char)rune.Value;
                normalized.Append(char.IsAsciiLetterUpper(unit) ? (char)(unit | 0x20) : unit);
            }
            else if (rune.Value == 0x130)
            {
                // The one scalar whose lower case is two; .NET's invariant casing leaves it alone.
                normalized.Append("i\u0307");
            }
            else
            {
                normalized.Append(units[..Rune.ToLowerInvariant(rune).EncodeToUtf16(units)]);
            }
            afterSpace = space;
        }
        return normalized.ToString();
    }

    /// <summary>The words of a normalized text.</summary>
    public static IEnumerable<string> Words(string normalized)
    {
        for (var position = 0; ;)
        {
            var word = NextWord(normalized, position);
            if (word.Start.Equals(word.End))
                yield break;
            yield return normalized[word];
            position = word.End.Value;
        }
    }

    /// <summary>The first word of a normalized text at or after a position, or an empty range when there is none left.</summary>
    public static Range NextWord(ReadOnlySpan<char> text, int position)
    {
        Kind kind;
        int length;
        while ((kind = KindAt(text, position, out length)) == Kind.Space && length > 0)
            position += length;
        if (length == 0)
            return position..position;
        var contraction = Contraction(text[position..]);
        if (contraction > 0)
            return position..(position + contraction);
        var end = position + length;
        if (kind != Kind.Number)
        {
            while (KindAt(text, end, out length) == kind && length > 0)
                end += length;
        }
        return position..end;
    }

    private static int Contraction(ReadOnlySpan<char> text)
    {
        if (text[0] != '\'' || text.Length < 2)
            return 0;
        if (text[1] is 's' or 't' or 'm' or 'd')
            return 2;
        return text.Length > 2 && (text[1], text[2]) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }

    private static Kind KindAt(ReadOnlySpan<char> text, int position, out int length)
    {
        if (position >= text.Length)
        {
            length = 0;
            return Kind.Space;
        }
        var unit = text[position];
        if (char.IsAscii(unit))
        {
            length = 1;
            return char.IsAsciiLetter(unit) ? Kind.Letter : char.IsAsciiDigit(unit) ? Kind.Number : char.IsWhiteSpace(unit) ? Kind.Space : Kind.Other;
        }
        Rune.DecodeFromUtf16(text[position..], out var rune, out length);
        if (Rune.IsWhiteSpace(rune))
            return Kind.Space;
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
            _ => Kind.Other,
        };
    }
}
