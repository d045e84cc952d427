using System.Text;

namespace CompressionHost.Engine;

/// <summary>Escapes text for Markdown (CommonMark with GitHub's tables).</summary>
internal static class MarkdownText
{
    private const string Special = "\\`*_[]>|~$";

    /// <summary>The text on one line with every character that Markdown or HTML would take for its own escaped.</summary>
    /// <remarks>For use within a line: what means something only where a line begins (<c>#</c>, <c>+</c>, <c>-</c>) is left as it is.</remarks>
    public static string Escape(string text)
    {
        var result = new StringBuilder(text.Length + 8);
        foreach (char c in XmlText.Clean(text))
        {
            if (c is '\r' or '\n' or '\t')
                result.Append(' ');
            // A reference rather than a backslash where table or HTML parsing comes first.
            else if (c is '<')
                result.Append("&lt;");
            else if (c is '&')
                result.Append("&amp;");
            else if (Special.Contains(c))
                result.Append('\\').Append(c);
            else
                result.Append(c);
        }
        return result.ToString();
    }

    /// <summary>The text as inline code for a table cell.</summary>
    /// <remarks>A bar cannot be in code in every table dialect, so text with one, or with a backtick, is escaped text instead.</remarks>
    public static string Code(string text) =>
        text.Length == 0 || text.AsSpan().IndexOfAny("`|\r\n") >= 0 || XmlText.Clean(text) != text ? Escape(text) : $"`{text}`";

    /// <summary>A fenced block that no line of its text can end.</summary>
    public static string Fence(string text, string language)
    {
        int longest = 2;
        int run = 0;
        foreach (char c in text)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }
        string fence = new('`', longest + 1);
        return $"{fence}{language}\n{XmlText.Clean(text).Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd('\n')}\n{fence}\n";
    }
}
