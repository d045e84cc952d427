namespace CompressionHost.Engine;

/// <summary>One model and what the recipe's evaluators found of it, in their order.</summary>
/// <param name="Prefix"><c>teacher</c>, <c>ptq</c> or <c>student</c>.</param>
/// <param name="Results">One an evaluator.</param>
internal sealed record ModelEvaluation(string Prefix, IReadOnlyList<EvaluatedModel> Results);

/// <summary>What the stages of a run gave.</summary>
/// <param name="Compressed">The student as packed.</param>
/// <param name="Sites">Its quantized sites.</param>
/// <param name="Before">Histograms of every site before training.</param>
/// <param name="Training">Curves.</param>
/// <param name="Packages">What the packers wrote.</param>
/// <param name="Evaluations">The student's last.</param>
/// <param name="Latencies">What the benchmark timed.</param>
/// <param name="Warnings">For the report.</param>
/// <param name="StudentLabel">What the final model is.</param>
internal sealed record RunOutcome(
    CompressedStudent Compressed, IReadOnlyList<SiteQuantizer> Sites, IReadOnlyDictionary<string, Histogram> Before, TrainingState Training,
    IReadOnlyList<PackageSummary> Packages, IReadOnlyList<ModelEvaluation> Evaluations, IReadOnlyList<LatencySummary> Latencies,
    IReadOnlyList<string> Warnings, string StudentLabel)
{
    /// <summary>Results of the gates.</summary>
    public IReadOnlyList<GateResult> Gates { get; set; } = [];

    /// <summary>Number of ternary weights.</summary>
    public long Ternary => Compressed.Model.Tensors.Where(t => t.Quantized?.Scheme.Name == "ternary").Sum(t => t.Quantized!.Count);

    /// <summary>Share of zeros among the ternary weights; 0 without any.</summary>
    public double Zeros => Ternary == 0 ? 0
        : Compressed.Model.Tensors.Where(t => t.Quantized?.Scheme.Name == "ternary").Sum(t => t.Quantized!.CountZeros()) / (double)Ternary;

    /// <summary>The flat metrics of the run.</summary>
    public IReadOnlyDictionary<string, double> Metrics(PreparedRun prepared)
    {
        var model = prepared.Plan.Model;
        var metrics = new SortedDictionary<string, double>(StringComparer.Ordinal)
        {
            ["size.float32Bytes"] = model.Float32Bytes,
            ["ternaryShare"] = Ternary / (double)model.Parameters,
            ["zeros"] = Zeros,
        };
        if (Packages.Count > 0)
        {
            metrics["size.bytes"] = Packages[0].Bytes;
            metrics["size.ratio"] = model.Float32Bytes / (double)Packages[0].Bytes;
        }
        foreach (var (prefix, results) in Evaluations)
        {
            foreach (var result in results)
            {
                foreach (var (name, value) in result.Result.Metrics)
                    metrics[$"{prefix}.{result.Entry.Name}.{name}"] = value;
            }
        }
        foreach (var latency in Latencies)
            metrics[latency.Metric] = latency.Latency.MedianMs;
        return metrics;
    }
}
