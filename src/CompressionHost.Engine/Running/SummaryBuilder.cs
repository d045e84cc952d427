namespace CompressionHost.Engine;

/// <summary>Turns what a run gave into what its report shows.</summary>
internal static class SummaryBuilder
{
    private const int MaxExamples = 12;

    public static RunSummary Build(
        PreparedRun prepared, RunOutcome outcome, IReadOnlyList<StageTiming> stages,
        DateTimeOffset started, TimeSpan duration, IReadOnlyList<(string Label, string Value)> environment)
    {
        var model = prepared.Plan.Model;
        var quantized = outcome.Compressed.Model.Tensors.Where(t => t.Quantized is not null).Sum(t => t.Quantized!.Count);
        var siteWeights = prepared.Plan.Sites.Sum(s => s.BytesBefore / sizeof(float));
        return new RunSummary
        {
            Name = prepared.Recipe.Name,
            Started = started,
            // A resumed run counts the training before the resume too.
            Duration = TimeSpan.FromTicks(Math.Max(duration.Ticks, outcome.Training.Elapsed.Ticks)),
            Seed = prepared.Recipe.Seed,
            RecipeYaml = prepared.Recipe.ResolvedYaml,
            Environment = environment,
            StudentLabel = outcome.StudentLabel,
            Evaluations = Evaluations(prepared, outcome),
            Parameters = model.Parameters,
            Float32Bytes = model.Float32Bytes,
            QuantizedShareOfSites = siteWeights == 0 ? 0 : quantized / (double)siteWeights,
            TernaryShare = outcome.Ternary / (double)model.Parameters,
            Zeros = outcome.Zeros,
            Packages = outcome.Packages,
            Sites = Sites(prepared, outcome),
            Training = outcome.Training.Points,
            Examples = Examples(outcome),
            Latencies = outcome.Latencies,
            Gates = outcome.Gates,
            Stages = stages,
            Warnings = outcome.Warnings,
        };
    }

    private static List<EvaluationSummary> Evaluations(PreparedRun prepared, RunOutcome outcome)
    {
        var summaries = new List<EvaluationSummary>();
        for (var i = 0; i < prepared.Evaluators.Count; i++)
        {
            var (entry, evaluator) = prepared.Evaluators[i];
            double? Of(string prefix, string metric) =>
                outcome.Evaluations.FirstOrDefault(e => e.Prefix == prefix)?.Results[i].Result.Metrics[metric];
            summaries.Add(new EvaluationSummary(
                entry.Name, entry.Data, outcome.Evaluations[^1].Results[i].Samples,
                [.. evaluator.Metrics.Select(m => new MetricSummary(m, Of("teacher", m), Of("ptq", m), Of("student", m)!.Value))]));
        }
        return summaries;
    }

    private static List<SiteSummary> Sites(PreparedRun prepared, RunOutcome outcome)
    {
        var tensors = outcome.Compressed.Model.Tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
        // One site is nothing to the next, and a large model has a hundred million weights to count.
        return [.. prepared.Plan.Sites.AsParallel().AsOrdered().Select(site =>
        {
            var tensor = tensors[site.Name];
            var before = outcome.Before[site.Name];
            var calibrated = outcome.Compressed.Calibrated.GetValueOrDefault(site.Name);
            return new SiteSummary(
                site.Name, site.Shape, site.Rule, site.Scheme, site.BytesAfter * 8.0 / (site.BytesBefore / sizeof(float)),
                tensor.Quantized is { } q ? q.CountZeros() / (double)q.Count : null,
                outcome.Compressed.Errors.TryGetValue(site.Name, out var error) ? error : null,
                site.BytesBefore, site.BytesAfter, before, WeightHistograms.Of(tensor, before.Min, before.Max))
            {
                OutputError = calibrated?.OutputError,
                NearestOutputError = calibrated?.NearestOutputError,
            };
        })];
    }

    /// <summary>The examples of the first evaluation that has any, with each model's predictions side by side.</summary>
    private static List<ExampleSummary> Examples(RunOutcome outcome)
    {
        if (outcome.Evaluations.Count == 0)
            return [];
        var student = outcome.Evaluations[^1].Results;
        var which = Enumerable.Range(0, student.Count).FirstOrDefault(i => student[i].Result.Examples.Count > 0);
        IReadOnlyList<(string, double)>? Of(string prefix, int index)
        {
            var examples = outcome.Evaluations.FirstOrDefault(e => e.Prefix == prefix)?.Results[which].Result.Examples;
            return examples is not null && index < examples.Count ? examples[index].Predictions : null;
        }
        return [.. student[which].Result.Examples.Take(MaxExamples).Select((e, i) =>
            new ExampleSummary(e.Image, e.Origin, e.Expected, Of("teacher", i), Of("ptq", i), e.Predictions))];
    }
}
