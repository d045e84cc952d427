namespace CompressionHost.Engine;

/// <summary>What all charts share: an <c>svg</c> that scales with its column, with a title and a description for screen readers.</summary>
internal static class SvgFrame
{
    /// <summary>Opens the drawing; the caller closes it.</summary>
    public static void Open(HtmlWriter html, string cssClass, int width, int height, string title, string description)
    {
        string titleId = html.NextId();
        string descriptionId = html.NextId();
        html.Open("svg", ("class", cssClass), ("viewBox", $"0 0 {width} {height}"), ("role", "img"),
            ("aria-labelledby", titleId + " " + descriptionId), ("preserveAspectRatio", "xMidYMid meet"));
        html.Element("title", title, ("id", titleId));
        html.Element("desc", description, ("id", descriptionId));
    }

    public static void Rect(HtmlWriter html, string cssClass, double x, double y, double width, double height, double radius = 0) =>
        html.Void("rect", ("class", cssClass), ("x", At(x)), ("y", At(y)), ("width", At(Math.Max(0, width))), ("height", At(Math.Max(0, height))),
            ("rx", radius > 0 ? At(radius) : null));

    public static void Line(HtmlWriter html, string cssClass, double x1, double y1, double x2, double y2) =>
        html.Void("line", ("class", cssClass), ("x1", At(x1)), ("y1", At(y1)), ("x2", At(x2)), ("y2", At(y2)));

    public static void Text(HtmlWriter html, string cssClass, double x, double y, string text, string? anchor = null) =>
        html.Element("text", text, ("class", cssClass), ("x", At(x)), ("y", At(y)), ("text-anchor", anchor));

    /// <summary>A bar in a line of text whose number stands beside it, so it is hidden from screen readers.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="cssClass">Colour class of the filled part.</param>
    /// <param name="share">Filled part, 0 to 1.</param>
    public static void InlineBar(HtmlWriter html, string cssClass, double share)
    {
        html.Open("svg", ("class", "inline-bar"), ("viewBox", "0 0 60 8"), ("preserveAspectRatio", "none"), ("aria-hidden", "true"));
        Rect(html, "track", 0, 0, 60, 8);
        if (double.IsFinite(share) && share > 0)
            Rect(html, cssClass, 0, 0, Math.Clamp(60 * share, 0.75, 60), 8);
        html.Close();
    }

    private static string At(double value) => ReportFormat.Coordinate(value);
}
