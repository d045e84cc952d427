namespace CompressionHost.Engine;

/// <summary>Every weight site: totals by rule, then tables that fold by tower and layer.</summary>
internal static class SitesSection
{
    // Up to this many sites the towers are open from the start.
    private const int OpenUpTo = 30;

    private static readonly Column[] CalibrationColumns = [new("Output error", true), new("When rounded", true)];

    public static void Write(HtmlWriter html, RunSummary summary)
    {
        if (summary.Sites.Count == 0)
            return;
        var all = new SiteGroup("All sites", summary.Sites);
        HtmlParts.OpenSection(html, "sites", "Weight sites",
            $"{ReportFormat.Count(summary.Sites.Count)} weights that a rule may quantize, {ReportFormat.Count(all.Weights)} parameters in all; {ReportFormat.Percent(summary.QuantizedShareOfSites, 2)} of them "
            + "are quantized. Bits include the scales. Error is \u2016w \u2212 Q(w)\u2016 / \u2016w\u2016; means are weighted by the number of weights. Bytes after are those in the first package."
            + (IsCalibrated(summary.Sites) ? CalibrationNote(summary.Sites) : ""));
        WriteRules(html, summary.Sites, all);
        bool open = summary.Sites.Count <= OpenUpTo;
        foreach (var tower in SiteGroups.ByTower(summary.Sites))
        {
            OpenGroup(html, tower.All, open, "tower");
            if (tower.Layers.Count == 1)
            {
                WriteTable(html, tower.All);
            }
            else
            {
                foreach (var layer in tower.Layers)
                {
                    OpenGroup(html, layer, open, "layer");
                    WriteTable(html, layer);
                    html.Close();
                }
            }
            html.Close();
        }
        html.Close();
    }

    private static bool IsCalibrated(IEnumerable<SiteSummary> sites) => sites.Any(s => s.OutputError is not null);

    private static string CalibrationNote(IReadOnlyList<SiteSummary> sites)
    {
        var chosen = Quantiles.Of(sites.Select(s => s.OutputError).OfType<double>().ToList(), 0.5);
        var nearest = sites.Select(s => s.NearestOutputError).OfType<double>().ToList();
        return $" Output error is that of a layer's output over the calibration samples, {ReportFormat.Fixed(chosen, 4)} in the median"
            + (nearest.Count == 0 ? "." : $"; rounding each weight to its nearest level would give {ReportFormat.Fixed(Quantiles.Of(nearest, 0.5), 4)}.");
    }

    private static void WriteRules(HtmlWriter html, IReadOnlyList<SiteSummary> sites, SiteGroup all)
    {
        HtmlParts.OpenTable(html, "Totals by rule", "rules", new("Rule"), new("Scheme"), new("Sites", true), new("Weights", true), new("Bits", true),
            new("Zeros", true), new("Error", true), new("Bytes before", true), new("Bytes after", true));
        foreach (var (group, scheme) in SiteGroups.ByRule(sites))
        {
            html.Open("tr").Open("th", ("scope", "row")).Open("code").BreakableText(group.Title).Close().Close();
            HtmlParts.TextCell(html, scheme);
            WriteTotals(html, group);
            html.Close();
        }
        html.Open("tr", ("class", "total")).Element("th", all.Title, ("scope", "row")).Open("td").Close();
        WriteTotals(html, all);
        html.Close();
        HtmlParts.CloseTable(html);
    }

    private static void WriteTotals(HtmlWriter html, SiteGroup group)
    {
        HtmlParts.NumberCell(html, ReportFormat.Count(group.Sites.Count));
        HtmlParts.NumberCell(html, ReportFormat.Count(group.Weights));
        HtmlParts.NumberCell(html, ReportFormat.Fixed(group.BitsPerWeight, 3));
        HtmlParts.NumberCell(html, Share(group.Zeros));
        HtmlParts.NumberCell(html, Error(group.Error));
        HtmlParts.NumberCell(html, ReportFormat.Count(group.BytesBefore));
        HtmlParts.NumberCell(html, ReportFormat.Count(group.BytesAfter));
    }

    private static void OpenGroup(HtmlWriter html, SiteGroup group, bool open, string cssClass)
    {
        html.Open("details", ("class", "group " + cssClass), ("open", open ? "open" : null));
        html.Open("summary");
        html.Element("strong", group.Title).Text(" ");
        html.Open("span", ("class", "totals"));
        html.Element("span", group.Sites.Count == 1 ? "1 site" : $"{ReportFormat.Count(group.Sites.Count)} sites");
        html.Element("span", $"{ReportFormat.ShortCount(group.Weights)} weights");
        html.Element("span", $"{ReportFormat.Fixed(group.BitsPerWeight, 2)} bits");
        html.Element("span", $"{ReportFormat.FileSize(group.BytesBefore)} \u2192 {ReportFormat.FileSize(group.BytesAfter)}");
        if (group.BytesAfter > 0)
            html.Element("span", ReportFormat.Ratio((double)group.BytesBefore / group.BytesAfter));
        html.Close().Close();
    }

    private static void WriteTable(HtmlWriter html, SiteGroup group)
    {
        var calibrated = IsCalibrated(group.Sites);
        HtmlParts.OpenTable(html, "Sites of " + group.Title, "sites",
        [
            new("Site, and the rule that matched"), new("Shape"), new("Scheme"), new("Bits", true), new("Zeros", true), new("Error", true),
            .. calibrated ? CalibrationColumns : [], new("Bytes before", true), new("Bytes after", true), new("After / before"),
        ]);
        foreach (var site in group.Sites)
        {
            html.Open("tr").Open("th", ("scope", "row")).Open("code").BreakableText(site.Name).Close();
            html.Open("code", ("class", "rule")).BreakableText(site.Rule.Length > 0 ? site.Rule : "no rule").Close().Close();
            html.Element("td", ReportFormat.Shape(site.Shape), ("class", "shape"));
            HtmlParts.TextCell(html, site.Scheme);
            HtmlParts.NumberCell(html, ReportFormat.Fixed(site.BitsPerWeight, 3));
            HtmlParts.NumberCell(html, Share(site.Zeros));
            HtmlParts.NumberCell(html, Error(site.Error));
            if (calibrated)
            {
                HtmlParts.NumberCell(html, Error(site.OutputError));
                HtmlParts.NumberCell(html, Error(site.NearestOutputError));
            }
            HtmlParts.NumberCell(html, ReportFormat.Count(site.BytesBefore));
            HtmlParts.NumberCell(html, ReportFormat.Count(site.BytesAfter));
            double share = site.BytesBefore > 0 ? (double)site.BytesAfter / site.BytesBefore : double.NaN;
            html.Open("td", ("class", "share"));
            SvgFrame.InlineBar(html, "student", share);
            html.Element("span", ReportFormat.Percent(share, 1)).Close();
            html.Close();
        }
        HtmlParts.CloseTable(html);
    }

    /// <summary>A share as percent; a dash where it means nothing.</summary>
    public static string Share(double? share) => share is { } known ? ReportFormat.Percent(known, 1) : "\u2013";

    /// <summary>A relative error; a dash where nothing was quantized.</summary>
    public static string Error(double? error) => error is { } known ? ReportFormat.Fixed(known, 4) : "\u2013";
}
