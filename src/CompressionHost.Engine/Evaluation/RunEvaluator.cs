using CompressionHost.Abstractions;
using CompressionHost.Models;
using CompressionHost.Recipes;

namespace CompressionHost.Engine;

/// <summary>Runs a recipe's evaluators on one model after another and keeps what each found.</summary>
internal sealed class RunEvaluator(PreparedRun prepared, Action<RunEvent> report)
{
    /// <summary>Results in the order of the recipe's evaluators.</summary>
    public IReadOnlyList<EvaluatedModel> Evaluate(IImageTextModel model, string prefix, CancellationToken cancellationToken)
    {
        using var session = new ModelSession(model);
        var results = new List<EvaluatedModel>();
        foreach (var (entry, evaluator) in prepared.Evaluators)
        {
            var result = Evaluate(session, entry, evaluator, prefix, cancellationToken);
            foreach (var metric in evaluator.Metrics)
                report(new MetricMeasured($"{prefix}.{entry.Name}.{metric}", result.Result.Metrics[metric]));
            results.Add(result);
        }
        return results;
    }

    private EvaluatedModel Evaluate(IImageTextSession session, EvaluateEntry entry, IEvaluator evaluator, string prefix, CancellationToken cancellationToken)
    {
        var data = prepared.Data[entry.Data];
        var (result, samples, broken) = EvaluationPass.Run(
            session, evaluator, data, done => report(new StageAdvanced($"{StageNames.Evaluate} {prefix} {entry.Name}", done, data.Count)), cancellationToken);
        return new EvaluatedModel(entry, samples, result, broken);
    }
}

/// <summary>What one evaluator found of one model.</summary>
internal sealed record EvaluatedModel(EvaluateEntry Entry, int Samples, EvaluationResult Result, BrokenSamples Broken);
