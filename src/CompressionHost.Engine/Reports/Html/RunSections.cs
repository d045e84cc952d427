namespace CompressionHost.Engine;

/// <summary>How the run went: gates, stages, environment, recipe.</summary>
internal static class RunSections
{
    public static void WriteGates(HtmlWriter html, RunSummary summary)
    {
        if (summary.Gates.Count == 0)
            return;
        HtmlParts.OpenSection(html, "gates", "Gates");
        HtmlParts.OpenTable(html, "Gates", "stack", new("Result"), new("Gate"), new("Measured"), new("Where"));
        foreach (var gate in summary.Gates)
        {
            html.Open("tr").Open("td");
            HtmlParts.Mark(html, gate.Held, "held", "failed");
            html.Close().Open("th", ("scope", "row")).Open("code").Text(gate.Text).Close().Close();
            HtmlParts.TextCell(html, gate.Detail);
            html.Element("td", gate.Place, ("class", "muted")).Close();
        }
        HtmlParts.CloseTable(html);
        html.Close();
    }

    public static void WriteStages(HtmlWriter html, RunSummary summary)
    {
        if (summary.Stages.Count == 0)
            return;
        var sum = summary.Stages.Aggregate(TimeSpan.Zero, (total, stage) => total + stage.Duration);
        HtmlParts.OpenSection(html, "stages", "Stages", "Wall time of each stage, and the process\u2019s peak resident memory up to its end.");
        HtmlParts.OpenTable(html, "Stages", null, new("Stage"), new("Time", true), new("Share of time"), new("Peak memory", true));
        foreach (var stage in summary.Stages)
        {
            double share = sum > TimeSpan.Zero ? stage.Duration / sum : double.NaN;
            html.Open("tr").Element("th", stage.Name, ("scope", "row"));
            HtmlParts.NumberCell(html, ReportFormat.Duration(stage.Duration));
            html.Open("td", ("class", "share"));
            SvgFrame.InlineBar(html, "student", share);
            html.Element("span", ReportFormat.Percent(share, 1)).Close();
            HtmlParts.NumberCell(html, ReportFormat.Memory(stage.PeakMemoryBytes)).Close();
        }
        html.Open("tr", ("class", "total")).Element("th", "All stages", ("scope", "row"));
        HtmlParts.NumberCell(html, ReportFormat.Duration(sum));
        html.Open("td").Close();
        HtmlParts.NumberCell(html, ReportFormat.Memory(summary.Stages.Max(s => s.PeakMemoryBytes))).Close();
        HtmlParts.CloseTable(html);
        html.Close();
    }

    public static void WriteEnvironment(HtmlWriter html, RunSummary summary)
    {
        if (summary.Environment.Count == 0)
            return;
        HtmlParts.OpenSection(html, "environment", "Environment");
        html.Open("dl", ("class", "environment"));
        foreach (var (label, value) in summary.Environment)
            html.Open("div").Element("dt", label).Element("dd", value).Close();
        html.Close().Close();
    }

    public static void WriteRecipe(HtmlWriter html, RunSummary summary)
    {
        HtmlParts.OpenSection(html, "recipe", "Recipe");
        HtmlParts.OpenDetails(html, "The recipe after extends, variables and overrides", false);
        html.Open("pre", ("tabindex", "0"), ("role", "region"), ("aria-label", "Resolved recipe"));
        html.Element("code", summary.RecipeYaml.Replace("\r\n", "\n", StringComparison.Ordinal)).Close();
        html.Close().Close();
    }
}
