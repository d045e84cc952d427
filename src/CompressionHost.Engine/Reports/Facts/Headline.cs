namespace CompressionHost.Engine;

/// <summary>What every report says first: the metric that stands for accuracy, the size ratio, the verdict.</summary>
internal sealed class Headline
{
    private readonly RunSummary _summary;

    public Headline(RunSummary summary)
    {
        _summary = summary;
        (Evaluation, Metric) = Choose(summary.Evaluations);
        GatesFailed = summary.Gates.Count(g => !g.Held);
        PackageBytes = summary.Packages.Count > 0 ? summary.Packages[0].Bytes : null;
        Ratio = PackageBytes is > 0 ? (double)summary.Float32Bytes / PackageBytes.Value : null;
        Verdict = Sentence();
    }

    /// <summary>The evaluation <see cref="Metric"/> is of; null where nothing was evaluated.</summary>
    public EvaluationSummary? Evaluation { get; }

    /// <summary>The first accuracy with a teacher's value, else the first metric; null where nothing was evaluated.</summary>
    public MetricSummary? Metric { get; }

    /// <summary>Name of the metric with its evaluation, such as <c>zero-shot top1</c>.</summary>
    public string MetricName => Evaluation is null || Metric is null ? "" : $"{Evaluation.Name} {Metric.Name}";

    /// <summary>The student's share of the teacher's value; null without a teacher, or where the metric is no fraction.</summary>
    public double? Kept =>
        Metric is { Teacher: > 0 } m && double.IsFinite(m.Student) && MetricKind.IsFraction(m) ? m.Student / m.Teacher : null;

    /// <summary>Gates that did not hold.</summary>
    public int GatesFailed { get; }

    /// <summary>Bytes of the first package, all its files; null where nothing was packed.</summary>
    public long? PackageBytes { get; }

    /// <summary>Float32 bytes over <see cref="PackageBytes"/>.</summary>
    public double? Ratio { get; }

    /// <summary>The run in one sentence.</summary>
    public string Verdict { get; }

    private static (EvaluationSummary?, MetricSummary?) Choose(IReadOnlyList<EvaluationSummary> evaluations)
    {
        var all = evaluations.SelectMany(e => e.Metrics.Select(m => (Evaluation: e, Metric: m))).ToList();
        foreach (var (evaluation, metric) in all)
        {
            if (metric.Teacher is not null && MetricKind.IsFraction(metric))
                return (evaluation, metric);
        }
        return all.Count > 0 ? (all[0].Evaluation, all[0].Metric) : (null, null);
    }

    private string Sentence()
    {
        string result = string.Join(" ", new[] { Accuracy(), Size() }.Where(s => s.Length > 0));
        if (result.Length == 0)
            result = "nothing was evaluated and nothing was packed";
        else if (Metric is null)
            result = $"the {_summary.StudentLabel} model comes {result}";
        string? gates = (_summary.Gates.Count, GatesFailed) switch
        {
            (0, _) => null,
            (1, 0) => "The gate holds",
            (1, _) => "The gate failed",
            ( > 1, 0) => $"All {_summary.Gates.Count} gates hold",
            _ => $"{GatesFailed} of {_summary.Gates.Count} gates failed",
        };
        return gates is null ? $"{char.ToUpperInvariant(result[0])}{result[1..]}." : $"{gates}: {result}.";
    }

    private string Accuracy()
    {
        if (Metric is null)
            return "";
        bool fraction = MetricKind.IsFraction(Metric);
        string student = ReportFormat.Metric(Metric.Student, fraction);
        if (Kept is { } kept)
        {
            string verb = kept <= 1 ? "keeps" : "reaches";
            string teacher = ReportFormat.Metric(Metric.Teacher!.Value, fraction);
            return $"the {_summary.StudentLabel} model {verb} {ReportFormat.Percent(kept, 1)} of the teacher\u2019s {MetricName} ({student} against {teacher})";
        }
        string against = Metric.Teacher is { } value ? $" against the teacher\u2019s {ReportFormat.Metric(value, fraction)}" : "";
        return $"the {_summary.StudentLabel} model scores {student} on {MetricName}{against}";
    }

    private string Size()
    {
        if (Ratio is not { } ratio)
            return "";
        string size = ReportFormat.FileSize(PackageBytes!.Value);
        return ratio >= 1
            ? $"in a package of {size}, {ReportFormat.Fixed(ratio, ratio < 100 ? 2 : 0)} times smaller than float32"
            : $"in a package of {size}, {ReportFormat.Fixed(1 / ratio, 2)} times larger than float32";
    }
}

/// <summary>Tells accuracies, which are shown as percent, from other numbers.</summary>
internal static class MetricKind
{
    /// <summary>Whether every model's value lies in [0, 1]: evaluators give fractions, and a rank or a loss leaves that range.</summary>
    public static bool IsFraction(MetricSummary metric) =>
        InRange(metric.Teacher) && InRange(metric.Ptq) && InRange(metric.Student);

    private static bool InRange(double? value) => value is null || !double.IsFinite(value.Value) || value is >= 0 and <= 1;
}
