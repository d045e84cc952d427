namespace CompressionHost.Engine;

/// <summary>A column of a table.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="IsNumber">Right-aligned with figures of one width.</param>
internal sealed record Column(string Title, bool IsNumber = false);

/// <summary>The pieces that the sections of the page share.</summary>
internal static class HtmlParts
{
    /// <summary>Opens a section with its heading; the caller closes it.</summary>
    public static void OpenSection(HtmlWriter html, string id, string title, string? introduction = null)
    {
        html.Open("section", ("id", id), ("aria-labelledby", id + "-title"));
        html.Element("h2", title, ("id", id + "-title"));
        if (introduction is not null)
            html.Element("p", introduction, ("class", "intro"));
    }

    /// <summary>Opens a table that scrolls in a frame of its own where the page is narrow; <see cref="CloseTable"/> closes it.</summary>
    public static void OpenTable(HtmlWriter html, string label, string? cssClass, params ReadOnlySpan<Column> columns)
    {
        // A scrolling frame must be reachable by keyboard.
        html.Open("div", ("class", "scroll"), ("role", "region"), ("aria-label", label), ("tabindex", "0"));
        html.Open("table", ("class", cssClass));
        html.Open("thead").Open("tr");
        foreach (var column in columns)
            html.Element("th", column.Title, ("scope", "col"), ("class", column.IsNumber ? "n" : null));
        html.Close().Close().Open("tbody");
    }

    /// <summary>Closes what <see cref="OpenTable"/> opened.</summary>
    public static void CloseTable(HtmlWriter html) => html.Close().Close().Close();

    /// <summary>A cell with a number.</summary>
    public static HtmlWriter NumberCell(HtmlWriter html, string text) => html.Element("td", text, ("class", "n"));

    /// <summary>A cell with text.</summary>
    public static HtmlWriter TextCell(HtmlWriter html, string text) => html.Element("td", text);

    /// <summary>A mark that says itself in words and shape, not by its colour alone.</summary>
    public static void Mark(HtmlWriter html, bool good, string goodWord, string badWord) =>
        html.Element("span", good ? "\u2713 " + goodWord : "\u2717 " + badWord, ("class", good ? "mark good" : "mark bad"));

    /// <summary>Opens a collapsible block; the caller closes it.</summary>
    public static void OpenDetails(HtmlWriter html, string summary, bool open, string? cssClass = null)
    {
        html.Open("details", ("class", cssClass), ("open", open ? "open" : null));
        html.Element("summary", summary);
    }
}
