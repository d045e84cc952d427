using CompressionHost.Abstractions;
using CompressionHost.Models;
using CompressionHost.Recipes;

namespace CompressionHost.Engine;

/// <summary>Runs a recipe's evaluators on one model after another and keeps what each found.</summary>
internal sealed class RunEvaluator(PreparedRun prepared, Action<RunEvent> report)
{
    private const int BatchSize = 128;

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
        var loader = new SampleLoader(data, session.ImageProcessor, LoaderWorkers.Evaluation);
        var samples = 0;
        IEnumerable<ImageBatch> Counted()
        {
            foreach (var batch in loader.InOrder(BatchSize, cancellationToken))
            {
                samples += batch.Samples.Count;
                yield return batch;
                report(new StageAdvanced($"{StageNames.Evaluate} {prefix} {entry.Name}", samples, data.Count));
            }
        }
        var result = evaluator.Evaluate(session, data, Counted(), cancellationToken);
        return new EvaluatedModel(entry, samples, result, loader.Broken);
    }
}

/// <summary>What one evaluator found of one model.</summary>
internal sealed record EvaluatedModel(EvaluateEntry Entry, int Samples, EvaluationResult Result, BrokenSamples Broken);

/// <summary>How many threads decode. The model's own threads need the rest of the machine.</summary>
internal static class LoaderWorkers
{
    public static int Training { get; } = Math.Max(1, Environment.ProcessorCount / 4);

    public static int Evaluation { get; } = Math.Max(1, Environment.ProcessorCount / 2);
}
