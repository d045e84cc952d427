using System.Globalization;

namespace CompressionHost.Engine;

/// <summary>The top of the page: name, verdict, key figures, warnings.</summary>
internal static class HeaderSection
{
    public static void Write(HtmlWriter html, RunSummary summary, Headline headline)
    {
        html.Open("header");
        html.Element("p", "Compression report", ("class", "kicker"));
        html.Open("h1").BreakableText(summary.Name).Close();
        html.Element("p", headline.Verdict, ("class", headline.GatesFailed > 0 ? "verdict failed" : summary.Gates.Count > 0 ? "verdict held" : "verdict"));
        html.Open("dl", ("class", "figures"));
        Accuracy(html, headline);
        Size(html, summary, headline);
        Ternary(html, summary);
        Figure(html, "Run time", ReportFormat.Duration(summary.Duration),
            $"{ReportFormat.Instant(summary.Started)}, seed {summary.Seed.ToString(CultureInfo.InvariantCulture)}");
        Gates(html, summary, headline);
        html.Close();
        html.Close();
        Warnings(html, summary.Warnings);
    }

    private static void Accuracy(HtmlWriter html, Headline headline)
    {
        if (headline.Metric is not { } metric)
        {
            Figure(html, "Accuracy", "\u2013", "nothing was evaluated");
            return;
        }
        bool fraction = MetricKind.IsFraction(metric);
        string student = ReportFormat.Metric(metric.Student, fraction);
        string teacher = metric.Teacher is { } value ? $" against the teacher\u2019s {ReportFormat.Metric(value, fraction)}" : "";
        if (headline.Kept is { } kept)
            Figure(html, "Accuracy kept", ReportFormat.Percent(kept, 1), $"{headline.MetricName} {student}{teacher}");
        else
            Figure(html, "Accuracy", student, headline.MetricName + teacher);
    }

    private static void Size(HtmlWriter html, RunSummary summary, Headline headline)
    {
        if (headline.Ratio is { } ratio)
            Figure(html, "Smaller on disk", ReportFormat.Ratio(ratio),
                $"{ReportFormat.Count(summary.Float32Bytes)} bytes in float32, {ReportFormat.Count(headline.PackageBytes!.Value)} packed");
        else
            Figure(html, "Size in float32", ReportFormat.FileSize(summary.Float32Bytes), $"{ReportFormat.Count(summary.Float32Bytes)} bytes; nothing was packed");
    }

    private static void Ternary(HtmlWriter html, RunSummary summary)
    {
        string parameters = $"of {ReportFormat.ShortCount(summary.Parameters)} parameters";
        if (summary.TernaryShare > 0)
        {
            Figure(html, "Ternary", ReportFormat.Percent(summary.TernaryShare, 1), $"{parameters}; {ReportFormat.Percent(summary.QuantizedShareOfSites, 1)} of the sites\u2019 weights quantized");
            Figure(html, "Zeros", ReportFormat.Percent(summary.Zeros, 1), "of the ternary weights");
        }
        else
        {
            Figure(html, "Quantized", ReportFormat.Percent(summary.QuantizedShareOfSites, 1), $"of the sites\u2019 weights; none ternary, {ReportFormat.ShortCount(summary.Parameters)} parameters");
        }
    }

    private static void Gates(HtmlWriter html, RunSummary summary, Headline headline)
    {
        int gates = summary.Gates.Count;
        if (gates == 0)
            Figure(html, "Gates", "none", "the recipe sets no gate");
        else
            Figure(html, "Gates", $"{gates - headline.GatesFailed} of {gates}", headline.GatesFailed == 0 ? "\u2713 all held" : $"\u2717 {headline.GatesFailed} failed");
    }

    private static void Figure(HtmlWriter html, string name, string value, string note) =>
        html.Open("div").Element("dt", name).Element("dd", value, ("class", "big")).Element("dd", note, ("class", "note")).Close();

    private static void Warnings(HtmlWriter html, IReadOnlyList<string> warnings)
    {
        if (warnings.Count == 0)
            return;
        html.Open("section", ("id", "warnings"), ("class", "warnings"), ("aria-labelledby", "warnings-title"));
        html.Element("h2", warnings.Count == 1 ? "! 1 warning" : $"! {warnings.Count} warnings", ("id", "warnings-title"));
        html.Open("ul");
        foreach (string warning in warnings)
            html.Element("li", warning);
        html.Close().Close();
    }
}
