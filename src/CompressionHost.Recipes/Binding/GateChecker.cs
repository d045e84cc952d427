namespace CompressionHost.Recipes;

/// <summary>Checks gates against the metrics that the recipe's evaluators and benchmarks will give.</summary>
internal sealed class GateChecker(DiagnosticBag bag, Func<StageUse, IReadOnlyList<string>>? metricsOf)
{
    public void Check(BoundRecipe recipe)
    {
        if (recipe.Gates.Count == 0)
            return;
        var evaluated = new HashSet<string>(StringComparer.Ordinal);
        var open = new List<string>();
        foreach (var entry in recipe.Evaluate)
        {
            // Without the metrics of an evaluator every metric under its name may be right.
            if (entry.Stage is not null && metricsOf is not null && ReferenceChecker.Ask(entry.Stage, metricsOf, bag, "for its metrics", out var metrics))
                evaluated.UnionWith(metrics.Select(m => $"{entry.Name}.{m}"));
            else
                open.Add($"{entry.Name}.");
        }
        var timed = recipe.Benchmark.SelectMany(MetricNames.Latencies).ToHashSet(StringComparer.Ordinal);
        // A benchmark that could not be bound would have given metrics too.
        if (recipe.Root.Value("benchmark") is ListNode list && list.Items.Count > recipe.Benchmark.Count)
            open.Add("latency.");
        // A packer that could not be bound would have written a package.
        var packs = recipe.Pack.Count > 0 || recipe.Root.Value("pack") is ListNode { Items.Count: > 0 };
        IReadOnlyList<string> always = packs ? [.. MetricNames.OfPackage, .. MetricNames.OfModel] : MetricNames.OfModel;
        foreach (var gate in recipe.Gates)
        {
            CheckLimits(recipe, gate);
            var metric = gate.Keys.Metric;
            var isOpen = open.Any(prefix => metric.StartsWith(prefix, StringComparison.Ordinal));
            var isEvaluated = evaluated.Contains(metric) || (isOpen && !metric.StartsWith("latency.", StringComparison.Ordinal));
            if (!isOpen && !isEvaluated && !timed.Contains(metric) && !always.Contains(metric))
                ReportUnknown(recipe, gate, [.. evaluated.Order(StringComparer.Ordinal), .. always, .. timed]);
            else if (gate.Keys.MaxDrop is not null && !isEvaluated)
                bag.Add(Span(gate, "maxDrop"), DiagnosticCodes.NoTeacherMetric, $"'maxDrop' compares with the teacher, and '{metric}' is not measured on it; use 'min' or 'max'");
        }
    }

    private void CheckLimits(BoundRecipe recipe, BoundGate gate)
    {
        var keys = gate.Keys;
        if (keys.Min is null && keys.Max is null && keys.MaxDrop is null)
            bag.Add(gate.Map.Span, DiagnosticCodes.GateWithoutLimit, $"the gate on '{keys.Metric}' has no limit; give it 'min', 'max' or 'maxDrop'");
        if (keys.Min is { } min && keys.Max is { } max && min.Value > max.Value)
            bag.Add(Span(gate, "min"), DiagnosticCodes.ImpossibleGate, $"the gate on '{keys.Metric}' can never hold: 'min' is above 'max'");
        if (keys.MaxDrop is not null && !recipe.HasTeacher)
            bag.Add(Span(gate, "maxDrop"), DiagnosticCodes.TeacherRequired, "'maxDrop' compares with a teacher, and the recipe has none");
        CheckUnit(gate, keys.Min, "min");
        CheckUnit(gate, keys.Max, "max");
    }

    private void CheckUnit(BoundGate gate, GateValue? limit, string key)
    {
        var expected = GateValue.UnitOf(gate.Keys.Metric);
        if (limit is not { Unit: not GateUnit.None } value || value.Unit == expected)
            return;
        var example = expected switch { GateUnit.Bytes => "20 MB", GateUnit.Milliseconds => "5ms", _ => "80%" };
        bag.Add(Span(gate, key), DiagnosticCodes.BadFormat, $"'{key}' of '{gate.Keys.Metric}' expects a number or a value such as {example}, found {gate.Map.Value(key)!.Describe()}");
    }

    private void ReportUnknown(BoundRecipe recipe, BoundGate gate, List<string> known)
    {
        var metric = gate.Keys.Metric;
        var hint = Suggestion.Clause(metric, known);
        foreach (var prefix in new[] { "student.", "ptq.", "teacher." })
        {
            if (hint.Length == 0 && metric.StartsWith(prefix, StringComparison.Ordinal) && known.Contains(metric[prefix.Length..]))
                hint = $"; a gate is on the student; write '{metric[prefix.Length..]}'";
        }
        var name = metric.Split('.')[0];
        if (hint.Length == 0 && recipe.Evaluate.Any(e => e.Name == name))
            hint = $"; there are {string.Join(", ", known.Where(k => k.StartsWith(name + ".", StringComparison.Ordinal)).Select(k => $"'{k}'"))}";
        if (MetricNames.OfPackage.Contains(metric))
            hint = "; it is the size of a package, and 'pack' writes none";
        if (hint.Length == 0 && name == "latency")
            hint = "; 'benchmark' must time that backend, batch size and thread count";
        bag.Add(Span(gate, "metric"), DiagnosticCodes.UnknownMetric, $"nothing in this recipe gives the metric '{metric}'{hint}");
    }

    private static SourceSpan Span(BoundGate gate, string key) => gate.Map.Value(key)?.Span ?? gate.Map.Span;
}
