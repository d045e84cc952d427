using System.Globalization;
using System.Text;

namespace CompressionHost.Engine;

/// <summary>Renders report.md: the facts of the page as tables, short enough for a pull request's comment.</summary>
public static class MarkdownReport
{
    /// <summary>GitHub-flavoured Markdown; the same summary gives the same text.</summary>
    public static string Render(RunSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        var headline = new Headline(summary);
        var text = new StringBuilder();
        text.Append("# ").Append(MarkdownText.Escape(summary.Name)).Append("\n\n**").Append(MarkdownText.Escape(headline.Verdict)).Append("**\n");
        foreach (string warning in summary.Warnings)
            text.Append("\n> Warning: ").Append(MarkdownText.Escape(warning)).Append('\n');
        WriteFigures(text, summary, headline);
        WriteGates(text, summary);
        WriteAccuracy(text, summary);
        WriteSize(text, summary);
        WriteLatency(text, summary);
        WriteTraining(text, summary);
        WriteSites(text, summary);
        WriteExamples(text, summary);
        WriteStages(text, summary);
        if (summary.Environment.Count > 0)
        {
            Table(text, "Environment", ["", ""], "ll");
            foreach (var (label, value) in summary.Environment)
                Row(text, MarkdownText.Escape(label), MarkdownText.Escape(value));
        }
        text.Append("\n## Recipe\n\n").Append(MarkdownText.Fence(summary.RecipeYaml, "yaml"));
        return text.ToString();
    }

    private static void WriteFigures(StringBuilder text, RunSummary summary, Headline headline)
    {
        Table(text, null, ["", ""], "lr");
        if (headline.Kept is { } kept)
            Row(text, $"Accuracy kept ({MarkdownText.Escape(headline.MetricName)})", ReportFormat.Percent(kept, 1));
        Row(text, "Parameters", ReportFormat.Count(summary.Parameters));
        Row(text, "Bytes in float32", ReportFormat.Count(summary.Float32Bytes));
        if (headline.Ratio is { } ratio)
        {
            Row(text, "Bytes packed", ReportFormat.Count(headline.PackageBytes!.Value));
            Row(text, "Smaller on disk", ReportFormat.Ratio(ratio));
        }
        Row(text, "Ternary share of all parameters", ReportFormat.Percent(summary.TernaryShare, 1));
        if (summary.TernaryShare > 0)
            Row(text, "Zeros among ternary weights", ReportFormat.Percent(summary.Zeros, 1));
        Row(text, "Quantized share of the sites' weights", ReportFormat.Percent(summary.QuantizedShareOfSites, 1));
        Row(text, "Run time", ReportFormat.Duration(summary.Duration));
        Row(text, "Started", ReportFormat.Instant(summary.Started));
        Row(text, "Seed", summary.Seed.ToString(CultureInfo.InvariantCulture));
    }

    private static void WriteGates(StringBuilder text, RunSummary summary)
    {
        if (summary.Gates.Count == 0)
            return;
        Table(text, "Gates", ["Result", "Gate", "Measured", "Where"], "llll");
        foreach (var gate in summary.Gates)
            Row(text, gate.Held ? "\u2713 held" : "\u2717 **failed**", MarkdownText.Code(gate.Text), MarkdownText.Escape(gate.Detail), MarkdownText.Escape(gate.Place));
    }

    private static void WriteAccuracy(StringBuilder text, RunSummary summary)
    {
        if (summary.Evaluations.Count == 0)
            return;
        string student = MarkdownText.Escape(summary.StudentLabel);
        Table(text, "Accuracy", ["Evaluation", "Metric", "Teacher", "PTQ", student, $"{student} \u2212 teacher", $"{student} \u2212 PTQ"], "llrrrrr");
        foreach (var evaluation in summary.Evaluations)
        {
            string name = MarkdownText.Escape($"{evaluation.Name} on {evaluation.Data} ({ReportFormat.Count(evaluation.Samples)})");
            foreach (var metric in evaluation.Metrics)
            {
                bool fraction = MetricKind.IsFraction(metric);
                Row(text, name, MarkdownText.Escape(metric.Name), AccuracySection.Value(metric.Teacher, fraction), AccuracySection.Value(metric.Ptq, fraction),
                    AccuracySection.Value(metric.Student, fraction), AccuracySection.Difference(metric.Student, metric.Teacher, fraction),
                    AccuracySection.Difference(metric.Student, metric.Ptq, fraction));
            }
        }
        text.Append("\nDifferences are in percentage points where the metric is a percentage.\n");
    }

    private static void WriteSize(StringBuilder text, RunSummary summary)
    {
        if (summary.Packages.Count == 0)
            return;
        Table(text, "Size", ["Package", "File", "Bytes", "Ratio"], "llrr");
        foreach (var package in summary.Packages)
        {
            string ratio = package.Bytes > 0 ? ReportFormat.Ratio((double)summary.Float32Bytes / package.Bytes) : "\u2013";
            Row(text, $"**{MarkdownText.Escape(package.Packer)}**", MarkdownText.Code(package.Directory), ReportFormat.Count(package.Bytes), ratio);
            foreach (var (name, bytes) in package.Files)
                Row(text, "", MarkdownText.Code(name), ReportFormat.Count(bytes), "");
        }
    }

    private static void WriteLatency(StringBuilder text, RunSummary summary)
    {
        if (summary.Latencies.Count == 0)
            return;
        Table(text, "Latency", ["Backend", "Kernel", "Encoder", "Batch", "Threads", "Median, ms", "p10, ms", "p90, ms", "Inputs a second"], "lllrrrrrr");
        foreach (var l in summary.Latencies)
            Row(text, MarkdownText.Escape(l.Backend), MarkdownText.Escape(l.Kernel), l.Tower.Name(), ReportFormat.Count(l.Batch), ReportFormat.Count(l.Threads),
                ReportFormat.Number(l.Latency.MedianMs), ReportFormat.Number(l.Latency.P10Ms), ReportFormat.Number(l.Latency.P90Ms), ReportFormat.Number(l.PerSecond));
    }

    private static void WriteTraining(StringBuilder text, RunSummary summary)
    {
        if (summary.Training.Count == 0)
            return;
        var (first, last) = (summary.Training[0], summary.Training[^1]);
        Table(text, "Training", ["", $"Step {ReportFormat.Count(first.Step)}", $"Step {ReportFormat.Count(last.Step)}"], "lrr");
        Row(text, "Loss, weighted sum", ReportFormat.Number(first.Loss), ReportFormat.Number(last.Loss));
        foreach (string term in first.Terms.Keys.Union(last.Terms.Keys, StringComparer.Ordinal))
            Row(text, "Loss term " + MarkdownText.Escape(term), Term(first, term), Term(last, term));
        Row(text, "Learning rate", ReportFormat.Number(first.LearningRate), ReportFormat.Number(last.LearningRate));
        Row(text, "Images a second", ReportFormat.Number(first.ImagesPerSecond), ReportFormat.Number(last.ImagesPerSecond));
    }

    private static string Term(TrainingPoint point, string term) => point.Terms.TryGetValue(term, out double value) ? ReportFormat.Number(value) : "\u2013";

    private static void WriteSites(StringBuilder text, RunSummary summary)
    {
        if (summary.Sites.Count == 0)
            return;
        Table(text, "Weight sites by rule", ["Rule", "Scheme", "Sites", "Weights", "Bits", "Zeros", "Error", "Bytes before", "Bytes after"], "llrrrrrrr");
        foreach (var (group, scheme) in SiteGroups.ByRule(summary.Sites))
            SiteRow(text, MarkdownText.Code(group.Title), MarkdownText.Escape(scheme), group);
        SiteRow(text, "**All sites**", "", new SiteGroup("", summary.Sites));
    }

    private static void SiteRow(StringBuilder text, string rule, string scheme, SiteGroup group) =>
        Row(text, rule, scheme, ReportFormat.Count(group.Sites.Count), ReportFormat.Count(group.Weights), ReportFormat.Fixed(group.BitsPerWeight, 3),
            SitesSection.Share(group.Zeros), SitesSection.Error(group.Error), ReportFormat.Count(group.BytesBefore), ReportFormat.Count(group.BytesAfter));

    private static void WriteExamples(StringBuilder text, RunSummary summary)
    {
        if (summary.Examples.Count == 0)
            return;
        Table(text, "Examples", ["Image", "Expected", "Teacher", "PTQ", MarkdownText.Escape(summary.StudentLabel)], "lllll");
        foreach (var example in summary.Examples)
            Row(text, MarkdownText.Escape(example.Origin), MarkdownText.Escape(example.Expected), Best(example.Teacher, example.Expected), Best(example.Ptq, example.Expected),
                Best(example.Student, example.Expected));
    }

    private static string Best(IReadOnlyList<(string Text, double Score)>? predictions, string expected)
    {
        if (predictions is not { Count: > 0 })
            return "\u2013";
        string mark = string.Equals(predictions[0].Text, expected, StringComparison.Ordinal) ? "\u2713" : "\u2717";
        return $"{mark} {MarkdownText.Escape(predictions[0].Text)} {ReportFormat.Fixed(predictions[0].Score, 3)}";
    }

    private static void WriteStages(StringBuilder text, RunSummary summary)
    {
        if (summary.Stages.Count == 0)
            return;
        Table(text, "Stages", ["Stage", "Time", "Peak memory"], "lrr");
        foreach (var stage in summary.Stages)
            Row(text, MarkdownText.Escape(stage.Name), ReportFormat.Duration(stage.Duration), ReportFormat.Memory(stage.PeakMemoryBytes));
    }

    // Alignment: one letter a column, l or r.
    private static void Table(StringBuilder text, string? title, string[] columns, string alignment)
    {
        text.Append('\n');
        if (title is not null)
            text.Append("## ").Append(title).Append("\n\n");
        Row(text, columns);
        Row(text, [.. alignment.Select(c => c == 'r' ? "---:" : "---")]);
    }

    private static void Row(StringBuilder text, params ReadOnlySpan<string> cells)
    {
        foreach (string cell in cells)
            text.Append("| ").Append(cell).Append(' ');
        text.Append("|\n");
    }
}
