namespace CompressionHost.Engine;

/// <summary>How long the packed model's encoders take on the backends of the recipe.</summary>
internal static class LatencySection
{
    public static void Write(HtmlWriter html, RunSummary summary)
    {
        if (summary.Latencies.Count == 0)
            return;
        HtmlParts.OpenSection(html, "latency", "Latency",
            "Milliseconds of one call of a whole encoder, from pixels or token ids to embeddings, on the machine of this run: median, tenth and ninetieth percentile after a warm-up.");
        HtmlParts.OpenTable(html, "Latency", null, new("Backend"), new("Kernel"), new("Encoder"), new("Batch", true), new("Threads", true),
            new("Median", true), new("p10", true), new("p90", true), new("Inputs a second", true), new("Runs", true));
        foreach (var l in summary.Latencies)
        {
            html.Open("tr").Element("th", l.Backend, ("scope", "row"));
            HtmlParts.TextCell(html, l.Kernel);
            HtmlParts.TextCell(html, l.Tower.Name());
            HtmlParts.NumberCell(html, ReportFormat.Count(l.Batch));
            HtmlParts.NumberCell(html, ReportFormat.Count(l.Threads));
            HtmlParts.NumberCell(html, ReportFormat.Number(l.Latency.MedianMs));
            HtmlParts.NumberCell(html, ReportFormat.Number(l.Latency.P10Ms));
            HtmlParts.NumberCell(html, ReportFormat.Number(l.Latency.P90Ms));
            HtmlParts.NumberCell(html, ReportFormat.Number(l.PerSecond));
            HtmlParts.NumberCell(html, ReportFormat.Count(l.Latency.Runs)).Close();
        }
        HtmlParts.CloseTable(html);
        html.Close();
    }
}
