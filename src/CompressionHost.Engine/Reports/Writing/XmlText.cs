using System.Text;

namespace CompressionHost.Engine;

/// <summary>Escapes text for HTML and XML alike.</summary>
internal static class XmlText
{
    /// <summary>Appends <paramref name="text"/> so that it reads back as itself in element content and in quoted attributes.</summary>
    /// <remarks>Characters that XML 1.0 forbids even as references (controls, lone surrogates) become U+FFFD, so that no name can break a file.</remarks>
    public static void AppendEscaped(StringBuilder target, ReadOnlySpan<char> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            switch (c)
            {
                case '&': target.Append("&amp;"); break;
                case '<': target.Append("&lt;"); break;
                case '>': target.Append("&gt;"); break;
                case '"': target.Append("&quot;"); break;
                case '\'': target.Append("&#39;"); break;
                default:
                    if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                        target.Append(c).Append(text[++i]);
                    else
                        target.Append(IsAllowed(c) ? c : '\uFFFD');
                    break;
            }
        }
    }

    /// <summary>The text with what XML forbids replaced by U+FFFD, not escaped.</summary>
    public static string Clean(string text)
    {
        var result = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                result.Append(c).Append(text[++i]);
            else
                result.Append(IsAllowed(c) ? c : '\uFFFD');
        }
        return result.ToString();
    }

    private static bool IsAllowed(char c) =>
        c is '\t' or '\n' or '\r' || (c >= ' ' && !char.IsSurrogate(c) && c is not ('\u007F' or '\uFFFE' or '\uFFFF') && c is not (>= '\u0080' and <= '\u009F'));
}
