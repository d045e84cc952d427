namespace CompressionHost.Engine;

/// <summary>What each packer wrote, in bytes of real files, against the parameters in float32.</summary>
internal static class SizeSection
{
    public static void Write(HtmlWriter html, RunSummary summary)
    {
        HtmlParts.OpenSection(html, "size", "Size",
            $"Bytes of the files as they lie on disk, everything in them counted, against {ReportFormat.Count(summary.Parameters)} parameters in float32 ({ReportFormat.Count(summary.Float32Bytes)} bytes).");
        if (summary.Packages.Count == 0)
        {
            html.Element("p", "Nothing was packed.").Close();
            return;
        }
        html.Open("article", ("class", "card"));
        html.Open("div", ("class", "split"));
        WriteChart(html, summary);
        HtmlParts.OpenTable(html, "Packages", null, new("Package"), new("Bytes", true), new("Size", true), new("Ratio", true), new("Bits a parameter", true));
        html.Open("tr").Element("th", "float32", ("scope", "row"));
        Numbers(html, summary, summary.Float32Bytes);
        html.Close();
        foreach (var package in summary.Packages)
            WritePackage(html, summary, package);
        HtmlParts.CloseTable(html);
        html.Close().Close().Close();
    }

    private static void WriteChart(HtmlWriter html, RunSummary summary)
    {
        List<Bar> bars = [new("float32", summary.Float32Bytes, ReportFormat.FileSize(summary.Float32Bytes), "teacher")];
        bars.AddRange(summary.Packages.Select(p => new Bar(p.Packer, p.Bytes, ReportFormat.FileSize(p.Bytes), "student")));
        double most = bars.Max(b => b.Value);
        (double unit, string name) = most switch { >= 1e9 => (1e9, "GB"), >= 1e6 => (1e6, "MB"), >= 1e3 => (1e3, "kB"), _ => (1.0, "B") };
        var axis = Axis.Over(0, most / unit, 3);
        BarChart.Draw(html, "Bytes on disk", [new BarGroup("", [.. bars.Select(b => b with { Value = b.Value / unit })])], axis, t => axis.Label(t) + " " + name);
    }

    private static void WritePackage(HtmlWriter html, RunSummary summary, PackageSummary package)
    {
        html.Open("tr").Open("th", ("scope", "row")).Text(package.Packer).Text(" ");
        html.Open("small").BreakableText(package.Directory).Close().Close();
        Numbers(html, summary, package.Bytes);
        html.Close();
        foreach (var (name, bytes) in package.Files)
        {
            html.Open("tr", ("class", "file"));
            html.Open("td").BreakableText(name).Close();
            HtmlParts.NumberCell(html, ReportFormat.Count(bytes));
            HtmlParts.NumberCell(html, ReportFormat.FileSize(bytes));
            html.Open("td").Close().Open("td").Close();
            html.Close();
        }
    }

    private static void Numbers(HtmlWriter html, RunSummary summary, long bytes)
    {
        HtmlParts.NumberCell(html, ReportFormat.Count(bytes));
        HtmlParts.NumberCell(html, ReportFormat.FileSize(bytes));
        HtmlParts.NumberCell(html, bytes > 0 ? ReportFormat.Ratio((double)summary.Float32Bytes / bytes) : "\u2013");
        HtmlParts.NumberCell(html, summary.Parameters > 0 ? ReportFormat.Fixed(8.0 * bytes / summary.Parameters, 3) : "\u2013");
    }
}
