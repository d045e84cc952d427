namespace CompressionHost.Engine;

/// <summary>The training curves as small multiples, one quantity a chart, so that none needs a legend.</summary>
internal static class TrainingSection
{
    private sealed record Curve(string Title, IReadOnlyList<(int Step, double Value)> Points, bool FromZero, bool Smooth);

    public static void Write(HtmlWriter html, RunSummary summary)
    {
        var points = summary.Training;
        if (points.Count == 0)
            return;
        string smoothing = points.Count >= LineChart.SmoothFrom
            ? $" Pale: the points; strong: their moving mean over {2 * LineChart.Window(points.Count) + 1} points."
            : "";
        string range = points.Count == 1 ? $"One point, step {ReportFormat.Count(points[0].Step)}."
            : $"{ReportFormat.Count(points.Count)} points from step {ReportFormat.Count(points[0].Step)} to {ReportFormat.Count(points[^1].Step)}.";
        HtmlParts.OpenSection(html, "training", "Training", range + smoothing + " Loss terms are shown before their weights.");
        html.Open("div", ("class", "curves"));
        foreach (var curve in Curves(points))
            WriteCurve(html, curve);
        html.Close().Close();
    }

    private static IEnumerable<Curve> Curves(IReadOnlyList<TrainingPoint> points)
    {
        yield return new("Loss, weighted sum", Values(points, p => p.Loss), false, true);
        foreach (string term in points.SelectMany(p => p.Terms.Keys).Distinct(StringComparer.Ordinal))
            yield return new("Loss term " + term, Values(points, p => p.Terms.TryGetValue(term, out double value) ? value : double.NaN), false, true);
        yield return new("Learning rate", Values(points, p => p.LearningRate), true, false);
        if (points.Any(p => p.Ramp != points[0].Ramp))
            yield return new("Quantization ramp \u03BB", Values(points, p => p.Ramp), true, false);
        if (points.Any(p => p.GradientNorm != 0))
            yield return new("Gradient norm before clipping", Values(points, p => p.GradientNorm), true, true);
        yield return new("Images a second", Values(points, p => p.ImagesPerSecond), true, true);
    }

    private static List<(int Step, double Value)> Values(IReadOnlyList<TrainingPoint> points, Func<TrainingPoint, double> value) =>
        [.. points.Select(p => (p.Step, value(p)))];

    private static void WriteCurve(HtmlWriter html, Curve curve)
    {
        var finite = curve.Points.Where(p => double.IsFinite(p.Value)).ToList();
        html.Open("figure", ("class", "card"));
        html.Open("figcaption").Element("strong", curve.Title).Text(" ");
        string range = finite.Count == 0 ? "no finite value"
            : finite.Count == 1 ? ReportFormat.Number(finite[0].Value)
            : $"{ReportFormat.Number(finite[0].Value)} \u2192 {ReportFormat.Number(finite[^1].Value)}";
        html.Element("span", range, ("class", "range"));
        int lost = curve.Points.Count - finite.Count;
        if (lost > 0)
            html.Text(" ").Element("span", $"{ReportFormat.Count(lost)} of {ReportFormat.Count(curve.Points.Count)} points have no finite value", ("class", "mark bad"));
        html.Close();
        LineChart.Draw(html, curve.Title, curve.Points, curve.FromZero, curve.Smooth);
        html.Close();
    }
}
