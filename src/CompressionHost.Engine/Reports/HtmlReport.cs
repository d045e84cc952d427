namespace CompressionHost.Engine;

/// <summary>
/// Renders report.html: one file that needs nothing beside it, no script, no network. The same summary gives the same bytes; the
/// markup is well-formed XML.
/// </summary>
public static class HtmlReport
{
    // Nothing may be loaded and no script may run, whatever a name or a recipe holds; escaping is the first defence, this the second.
    private const string Policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

    /// <summary>The page as text, to be saved as UTF-8.</summary>
    public static string Render(RunSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        var headline = new Headline(summary);
        var html = new HtmlWriter();
        html.Trusted("<!DOCTYPE html>\n");
        html.Open("html", ("lang", "en"));
        WriteHead(html, summary, headline);
        html.Open("body");
        html.Element("a", "Skip to the results", ("class", "skip"), ("href", "#content"));
        html.Open("div", ("class", "page"));
        HeaderSection.Write(html, summary, headline);
        WriteNavigation(html, summary);
        html.Open("main", ("id", "content"));
        RunSections.WriteGates(html, summary);
        AccuracySection.Write(html, summary);
        SizeSection.Write(html, summary);
        LatencySection.Write(html, summary);
        ExamplesSection.Write(html, summary);
        TrainingSection.Write(html, summary);
        SitesSection.Write(html, summary);
        HistogramsSection.Write(html, summary);
        RunSections.WriteStages(html, summary);
        RunSections.WriteEnvironment(html, summary);
        RunSections.WriteRecipe(html, summary);
        html.Close();
        html.Element("footer", $"{summary.Name}, begun {ReportFormat.Instant(summary.Started)}. Written by CompressionHost.");
        html.Close().Close().Close();
        return html.ToString();
    }

    private static void WriteHead(HtmlWriter html, RunSummary summary, Headline headline)
    {
        html.Open("head");
        html.Void("meta", ("charset", "utf-8"));
        html.Void("meta", ("http-equiv", "Content-Security-Policy"), ("content", Policy));
        html.Void("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1"));
        html.Void("meta", ("name", "color-scheme"), ("content", "light dark"));
        html.Void("meta", ("name", "description"), ("content", headline.Verdict));
        html.Element("title", $"{summary.Name}: compression report");
        html.Open("style").Trusted(ReportStyle.Css).Close();
        html.Close();
    }

    private static void WriteNavigation(HtmlWriter html, RunSummary summary)
    {
        html.Open("nav", ("aria-label", "Sections")).Open("ul");
        Link(html, "gates", "Gates", summary.Gates.Count > 0);
        Link(html, "accuracy", "Accuracy", summary.Evaluations.Count > 0);
        Link(html, "size", "Size", true);
        Link(html, "latency", "Latency", summary.Latencies.Count > 0);
        Link(html, "examples", "Examples", summary.Examples.Count > 0);
        Link(html, "training", "Training", summary.Training.Count > 0);
        Link(html, "sites", "Weight sites", summary.Sites.Count > 0);
        Link(html, "histograms", "Histograms", summary.Sites.Any(s => s.Before is not null || s.After is not null));
        Link(html, "stages", "Stages", summary.Stages.Count > 0);
        Link(html, "environment", "Environment", summary.Environment.Count > 0);
        Link(html, "recipe", "Recipe", true);
        html.Close().Close();
    }

    private static void Link(HtmlWriter html, string id, string title, bool present)
    {
        if (present)
            html.Open("li").Element("a", title, ("href", "#" + id)).Close();
    }
}
