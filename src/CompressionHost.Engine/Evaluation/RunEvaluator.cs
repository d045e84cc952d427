using CompressionHost.Abstractions;
using CompressionHost.Models;
using CompressionHost.Recipes;
using CompressionHost.Tensors;

namespace CompressionHost.Engine;

/// <summary>Runs a recipe's evaluators on one model after another and keeps what each found.</summary>
internal sealed class RunEvaluator(PreparedRun prepared, Action<RunEvent> report)
{
    /// <summary>Results in the order of the recipe's evaluators.</summary>
    /// <param name="model">The model.</param>
    /// <param name="teacher">What it may be compared with, or null.</param>
    /// <param name="prefix"><c>teacher</c>, <c>ptq</c> or <c>student</c>.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="InvalidInputException">An evaluator cannot measure a model of that kind.</exception>
    public IReadOnlyList<EvaluatedModel> Evaluate(ICompressibleModel model, ICompressibleModel? teacher, string prefix, CancellationToken cancellationToken)
    {
        using var session = model is IImageTextModel encoders ? new ModelSession(encoders) : null;
        var results = new List<EvaluatedModel>();
        foreach (var (entry, evaluator) in prepared.Evaluators)
        {
            var data = prepared.Data[entry.Data];
            void Advanced(int done) => report(new StageAdvanced($"{StageNames.Evaluate} {prefix} {entry.Name}", done, data.Count));
            var (found, samples, broken) = evaluator is ITensorEvaluator ofTensors
                ? EvaluationPass.Run(Tensors(model), teacher is null ? null : Tensors(teacher), ofTensors, data, Advanced, cancellationToken)
                : EvaluationPass.Run(session ?? throw Unfit(entry.Name, model, "encoders of images and texts"), evaluator, data, Advanced, cancellationToken);
            var result = new EvaluatedModel(entry, samples, found, broken);
            foreach (var metric in evaluator.Metrics)
                report(new MetricMeasured($"{prefix}.{entry.Name}.{metric}", result.Result.Metrics[metric]));
            results.Add(result);
        }
        return results;
    }

    private static ITensorModel Tensors(ICompressibleModel model) => model as ITensorModel ?? throw Unfit(null, model, "named inputs and outputs");

    private static InvalidInputException Unfit(string? evaluation, ICompressibleModel model, string needs) =>
        new($"{(evaluation is null ? "the evaluation" : $"'{evaluation}'")} needs {needs}, which a model of architecture '{model.Architecture}' has not.");
}

/// <summary>What one evaluator found of one model.</summary>
internal sealed record EvaluatedModel(EvaluateEntry Entry, int Samples, EvaluationResult Result, BrokenSamples Broken);
