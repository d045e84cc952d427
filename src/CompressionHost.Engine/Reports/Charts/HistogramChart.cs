using System.Text;

namespace CompressionHost.Engine;

/// <summary>
/// The weights of a site before (upper panel) and after (lower panel) over one range. Each panel has its own scale, printed in it: the
/// zeros of a ternary site are a bar twenty times higher than any bin of the original.
/// </summary>
internal static class HistogramChart
{
    private const int Width = 240;
    private const int Panel = 58;
    private const int Gap = 8;
    private const int AxisHeight = 18;

    public static void Draw(HtmlWriter html, string name, Histogram? before, Histogram? after)
    {
        const int height = 2 * Panel + Gap + AxisHeight;
        SvgFrame.Open(html, "chart histogram", Width, height, "Weights of " + name, $"Before: {Describe(before)} After: {Describe(after)}");
        DrawPanel(html, before, "before", "before", 0);
        DrawPanel(html, after, "after", "after", Panel + Gap);
        if ((after ?? before) is { } any)
        {
            double y = height - 5;
            SvgFrame.Text(html, "tick", 1, y, ReportFormat.Number(any.Min), "start");
            SvgFrame.Text(html, "tick", Width - 1, y, ReportFormat.Number(any.Max), "end");
            if (any.Min < 0 && any.Max > 0)
                SvgFrame.Text(html, "tick", Width * -any.Min / (any.Max - any.Min), y, "0", "middle");
        }
        html.Close();
    }

    private static void DrawPanel(HtmlWriter html, Histogram? histogram, string label, string cssClass, double top)
    {
        double bottom = top + Panel;
        SvgFrame.Line(html, "axis", 0, bottom, Width, bottom);
        SvgFrame.Text(html, "label", 1, top + 11, label);
        long total = Total(histogram);
        if (total <= 0)
        {
            SvgFrame.Text(html, "tick", Width - 1, top + 11, "no data", "end");
            return;
        }
        long most = histogram!.Counts.Max();
        SvgFrame.Text(html, "tick", Width - 1, top + 11, $"peak {ReportFormat.Percent((double)most / total, 1)}", "end");
        // One path: steps of equal width, so a bin costs a few bytes and 150 sites stay a small file.
        var path = new StringBuilder("M0 ").Append(At(bottom));
        double bin = (double)Width / histogram.Counts.Count;
        for (int i = 0; i < histogram.Counts.Count; i++)
        {
            // A bin that holds anything at all is at least half a pixel high.
            double share = Math.Max(0, histogram.Counts[i]) / (double)most;
            double bar = share == 0 ? 0 : Math.Max(0.5, (Panel - 14) * share);
            path.Append('V').Append(At(bottom - bar)).Append('H').Append(At((i + 1) * bin));
        }
        html.Void("path", ("class", cssClass), ("d", path.Append('V').Append(At(bottom)).Append('Z').ToString()));
    }

    private static string Describe(Histogram? histogram)
    {
        long total = Total(histogram);
        if (total <= 0)
            return "no data.";
        int peak = 0;
        int used = 0;
        for (int i = 0; i < histogram!.Counts.Count; i++)
        {
            peak = histogram.Counts[i] > histogram.Counts[peak] ? i : peak;
            used += histogram.Counts[i] > 0 ? 1 : 0;
        }
        double width = (histogram.Max - histogram.Min) / histogram.Counts.Count;
        return $"{ReportFormat.Count(total)} weights from {ReportFormat.Number(histogram.Min)} to {ReportFormat.Number(histogram.Max)} in {used} of {histogram.Counts.Count} bins, "
            + $"most ({ReportFormat.Percent((double)histogram.Counts[peak] / total, 1)}) around {ReportFormat.Number(histogram.Min + (peak + 0.5) * width)}.";
    }

    private static long Total(Histogram? histogram) => histogram?.Counts.Sum(c => Math.Max(0, c)) ?? 0;

    private static string At(double value) => ReportFormat.Coordinate(value);
}
