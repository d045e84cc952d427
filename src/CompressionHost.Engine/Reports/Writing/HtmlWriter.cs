using System.Text;

namespace CompressionHost.Engine;

/// <summary>
/// Writes HTML that is well-formed XML too: every element closed, every attribute quoted, every text escaped. What a report is
/// built from (names, recipes, predictions) is hostile, so there is no way in for markup but <see cref="Trusted"/>.
/// </summary>
internal sealed class HtmlWriter
{
    private static readonly HashSet<string> Inline = ["span", "strong", "em", "code", "a", "title", "desc", "tspan", "text", "b", "small"];

    private readonly StringBuilder _text = new();
    private readonly Stack<string> _open = new();
    private int _ids;

    /// <summary>An id that no other element of this document has.</summary>
    public string NextId() => $"i{++_ids}";

    /// <summary>Opens an element; attributes whose value is null are left out.</summary>
    public HtmlWriter Open(string tag, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        WriteTag(tag, attributes);
        _text.Append('>');
        _open.Push(tag);
        return this;
    }

    /// <summary>Closes the innermost open element.</summary>
    public HtmlWriter Close()
    {
        string tag = _open.Pop();
        _text.Append("</").Append(tag).Append('>');
        if (!Inline.Contains(tag))
            _text.Append('\n');
        return this;
    }

    /// <summary>Writes an element with nothing but text in it.</summary>
    public HtmlWriter Element(string tag, string text, params ReadOnlySpan<(string Name, string? Value)> attributes) =>
        Open(tag, attributes).Text(text).Close();

    /// <summary>Writes an element without content: a void HTML element such as <c>meta</c>, or an SVG shape.</summary>
    public HtmlWriter Void(string tag, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        WriteTag(tag, attributes);
        _text.Append(" />");
        return this;
    }

    /// <summary>Writes text, escaped.</summary>
    public HtmlWriter Text(string text)
    {
        XmlText.AppendEscaped(_text, text);
        return this;
    }

    /// <summary>Writes a name such as <c>vision_model.layers.0.fc1.weight</c> that a browser may break after its dots, slashes and underscores.</summary>
    public HtmlWriter BreakableText(string text)
    {
        int start = 0;
        for (int i = 0; i < text.Length - 1; i++)
        {
            if (text[i] is not ('.' or '/' or '_'))
                continue;
            XmlText.AppendEscaped(_text, text.AsSpan(start, i + 1 - start));
            _text.Append("<wbr />");
            start = i + 1;
        }
        XmlText.AppendEscaped(_text, text.AsSpan(start));
        return this;
    }

    /// <summary>Writes markup of this assembly's own as it is.</summary>
    public HtmlWriter Trusted(string markup)
    {
        _text.Append(markup);
        return this;
    }

    /// <summary>The document.</summary>
    /// <exception cref="InvalidOperationException">An element is still open.</exception>
    public override string ToString() =>
        _open.Count == 0 ? _text.ToString() : throw new InvalidOperationException($"<{_open.Peek()}> is not closed.");

    private void WriteTag(string tag, ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        _text.Append('<').Append(tag);
        foreach (var (name, value) in attributes)
        {
            if (value is null)
                continue;
            _text.Append(' ').Append(name).Append("=\"");
            XmlText.AppendEscaped(_text, value);
            _text.Append('"');
        }
    }
}
