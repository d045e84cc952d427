using System.Text;

namespace CompressionHost.Engine;

/// <summary>One bar.</summary>
/// <param name="Label">Who it is of, printed at its left.</param>
/// <param name="Value">Its length; not finite draws no bar.</param>
/// <param name="Text">The value as printed at its right.</param>
/// <param name="CssClass">Its colour class.</param>
internal sealed record Bar(string Label, double Value, string Text, string CssClass);

/// <summary>Bars under one heading.</summary>
internal sealed record BarGroup(string Heading, IReadOnlyList<Bar> Bars);

/// <summary>
/// Horizontal grouped bars from zero, each with its name and its number in text, so that the chart needs neither legend nor colours to be read.
/// </summary>
internal static class BarChart
{
    private const int Width = 380;
    private const int Left = 78;
    private const int Right = 74;
    private const int HeadingHeight = 20;
    private const int BarHeight = 13;
    private const int BarPitch = 18;
    private const int GroupGap = 10;
    private const int AxisHeight = 22;

    /// <summary>Draws the chart.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="title">What it shows.</param>
    /// <param name="groups">The bars; empty groups are left out.</param>
    /// <param name="axis">The scale, from 0.</param>
    /// <param name="tick">Prints a tick.</param>
    public static void Draw(HtmlWriter html, string title, IReadOnlyList<BarGroup> groups, Axis axis, Func<double, string> tick)
    {
        int bars = groups.Sum(g => g.Bars.Count);
        int headings = groups.Count(g => g.Heading.Length > 0);
        int bottom = headings * HeadingHeight + bars * BarPitch + (groups.Count - 1) * GroupGap + 4;
        const double plot = Width - Left - Right;

        SvgFrame.Open(html, "chart bars", Width, bottom + AxisHeight, title, Describe(groups));
        foreach (double value in axis.Ticks())
        {
            double x = Left + plot * axis.Position(value);
            SvgFrame.Line(html, value == 0 ? "axis" : "grid", x, 0, x, bottom);
            SvgFrame.Text(html, "tick", x, bottom + 15, tick(value), "middle");
        }
        double y = 2;
        foreach (var group in groups)
        {
            if (group.Heading.Length > 0)
            {
                SvgFrame.Text(html, "heading", Left + 4, y + 13, ReportFormat.Shorten(group.Heading, 36));
                y += HeadingHeight;
            }
            foreach (var bar in group.Bars)
            {
                double length = double.IsFinite(bar.Value) ? plot * axis.Position(bar.Value) : 0;
                SvgFrame.Text(html, "label", Left - 7, y + 10.5, ReportFormat.Shorten(bar.Label, 12), "end");
                if (length > 0)
                    SvgFrame.Rect(html, bar.CssClass, Left, y, length, BarHeight, 1.5);
                SvgFrame.Text(html, "value", Left + length + 6, y + 10.5, bar.Text);
                y += BarPitch;
            }
            y += GroupGap;
        }
        html.Close();
    }

    private static string Describe(IReadOnlyList<BarGroup> groups)
    {
        var text = new StringBuilder();
        foreach (var group in groups)
        {
            if (text.Length > 0)
                text.Append("; ");
            if (group.Heading.Length > 0)
                text.Append(group.Heading).Append(": ");
            text.AppendJoin(", ", group.Bars.Select(b => $"{b.Label} {b.Text}"));
        }
        return text.Append('.').ToString();
    }
}
