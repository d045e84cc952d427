namespace CompressionHost.Engine;

/// <summary>Weights before and after: a selection, and every site behind a fold.</summary>
internal static class HistogramsSection
{
    private const int Selected = 8;

    public static void Write(HtmlWriter html, RunSummary summary)
    {
        var drawn = summary.Sites.Where(s => s.Before is not null || s.After is not null).ToList();
        if (drawn.Count == 0)
            return;
        HtmlParts.OpenSection(html, "histograms", "Weight histograms",
            "Before: the full-precision weights when the run began. After: the final model\u2019s dequantized weights, in the same bins. Each panel has its own height; its peak says which share of the weights the highest bin holds.");
        var selection = SiteGroups.Representative(summary.Sites, Selected);
        bool all = selection.Count == 0 || drawn.Count <= Selected;
        HtmlParts.OpenDetails(html, all ? "All sites with weights to show" : $"{selection.Count} of {drawn.Count} sites: of each kind the one with the largest error", true);
        WriteCharts(html, all ? drawn : selection);
        if (!all)
        {
            HtmlParts.OpenDetails(html, $"All {drawn.Count} sites", false, "every");
            WriteCharts(html, drawn);
            html.Close();
        }
        html.Close().Close();
    }

    private static void WriteCharts(HtmlWriter html, IReadOnlyList<SiteSummary> sites)
    {
        html.Open("div", ("class", "histograms"));
        foreach (var site in sites)
        {
            html.Open("figure", ("class", "card"));
            html.Open("figcaption").Open("code").BreakableText(site.Name).Close();
            html.Element("span", site.Error is { } error ? $"{site.Scheme}, error {ReportFormat.Fixed(error, 4)}" : site.Scheme, ("class", "range")).Close();
            HistogramChart.Draw(html, site.Name, site.Before, site.After);
            html.Close();
        }
        html.Close();
    }
}
