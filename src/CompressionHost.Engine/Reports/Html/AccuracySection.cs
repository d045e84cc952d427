namespace CompressionHost.Engine;

/// <summary>Each evaluation as a chart and a table: teacher, PTQ and student side by side.</summary>
internal static class AccuracySection
{
    public static void Write(HtmlWriter html, RunSummary summary)
    {
        if (summary.Evaluations.Count == 0)
            return;
        HtmlParts.OpenSection(html, "accuracy", "Accuracy", Introduction(summary));
        foreach (var evaluation in summary.Evaluations)
        {
            html.Open("article", ("class", "card"));
            html.Open("h3").BreakableText(evaluation.Name).Close();
            html.Element("p", $"on {evaluation.Data}, {ReportFormat.Count(evaluation.Samples)} {(evaluation.Samples == 1 ? "sample" : "samples")}", ("class", "intro"));
            bool charted = evaluation.Metrics.Any(MetricKind.IsFraction);
            html.Open("div", ("class", charted ? "split" : null));
            if (charted)
                WriteChart(html, summary, evaluation);
            WriteTable(html, summary, evaluation);
            html.Close().Close();
        }
        html.Close();
    }

    private static string Introduction(RunSummary summary)
    {
        var metrics = summary.Evaluations.SelectMany(e => e.Metrics).ToList();
        string text = metrics.Any(m => m.Teacher is not null) ? "The teacher is the full-precision model. " : "No teacher was measured. ";
        if (metrics.Any(m => m.Ptq is not null))
            text += "PTQ is the same model quantized by the same rules without training. ";
        return text + $"{summary.StudentLabel} is the model in the packages. Differences are in percentage points where the metric is a percentage.";
    }

    private static void WriteChart(HtmlWriter html, RunSummary summary, EvaluationSummary evaluation)
    {
        var groups = evaluation.Metrics.Where(MetricKind.IsFraction)
            .Select(m => new BarGroup(m.Name,
            [
                .. Bars("teacher", m.Teacher, "teacher"),
                .. Bars("PTQ", m.Ptq, "ptq"),
                .. Bars(summary.StudentLabel, m.Student, "student"),
            ])).ToList();
        BarChart.Draw(html, $"{evaluation.Name} on {evaluation.Data}", groups, new Axis(0, 1, 0.25), t => ReportFormat.Percent(t, 0));
    }

    private static IEnumerable<Bar> Bars(string label, double? value, string cssClass)
    {
        if (value is { } known)
            yield return new Bar(label, known, ReportFormat.Percent(known), cssClass);
    }

    private static void WriteTable(HtmlWriter html, RunSummary summary, EvaluationSummary evaluation)
    {
        bool teacher = evaluation.Metrics.Any(m => m.Teacher is not null);
        bool ptq = evaluation.Metrics.Any(m => m.Ptq is not null);
        string student = summary.StudentLabel;
        List<Column> columns = [new("Metric")];
        if (teacher)
            columns.Add(new("Teacher", true));
        if (ptq)
            columns.Add(new("PTQ", true));
        columns.Add(new(student, true));
        if (teacher && ptq)
            columns.Add(new("PTQ \u2212 teacher", true));
        if (teacher)
            columns.Add(new($"{student} \u2212 teacher", true));
        if (ptq)
            columns.Add(new($"{student} \u2212 PTQ", true));

        HtmlParts.OpenTable(html, "Metrics of " + evaluation.Name, "metrics", [.. columns]);
        foreach (var metric in evaluation.Metrics)
        {
            bool fraction = MetricKind.IsFraction(metric);
            html.Open("tr");
            html.Open("th", ("scope", "row")).BreakableText(metric.Name).Close();
            if (teacher)
                HtmlParts.NumberCell(html, Value(metric.Teacher, fraction));
            if (ptq)
                HtmlParts.NumberCell(html, Value(metric.Ptq, fraction));
            html.Open("td", ("class", "n")).Element("strong", Value(metric.Student, fraction)).Close();
            if (teacher && ptq)
                HtmlParts.NumberCell(html, Difference(metric.Ptq, metric.Teacher, fraction));
            if (teacher)
                HtmlParts.NumberCell(html, Difference(metric.Student, metric.Teacher, fraction));
            if (ptq)
                HtmlParts.NumberCell(html, Difference(metric.Student, metric.Ptq, fraction));
            html.Close();
        }
        HtmlParts.CloseTable(html);
    }

    /// <summary>A metric's value as text; a dash where it was not measured.</summary>
    public static string Value(double? value, bool isFraction) => value is { } known ? ReportFormat.Metric(known, isFraction) : "\u2013";

    /// <summary>The difference of two values as text, in points where they are fractions; a dash where one was not measured.</summary>
    public static string Difference(double? value, double? from, bool isFraction)
    {
        if (value is not { } a || from is not { } b)
            return "\u2013";
        if (isFraction)
            return ReportFormat.Points(a - b);
        string text = ReportFormat.Number(a - b);
        return a - b > 0 && double.IsFinite(a - b) ? "+" + text : text;
    }
}
