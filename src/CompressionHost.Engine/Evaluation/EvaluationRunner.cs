using CompressionHost.Abstractions;
using CompressionHost.Recipes;
using CompressionHost.Tensors;

namespace CompressionHost.Engine;

/// <summary>Measures an opened model on data, without a recipe.</summary>
public sealed class EvaluationRunner
{
    private readonly IStageFactory _stages;

    internal EvaluationRunner(IStageFactory stages) => _stages = stages;

    /// <summary>Opens data. Whoever called disposes of it.</summary>
    /// <exception cref="InvalidInputException">It is missing, empty or malformed.</exception>
    public IDataSet Open(StageUse data, CancellationToken cancellationToken = default) => _stages.Create<IDataSource>(data).Open(cancellationToken);

    /// <summary>What is wrong with that data for an evaluator, or null.</summary>
    public string? WhyNot(StageUse evaluator, IDataSet data) => _stages.Create<IEvaluator>(evaluator).WhyNot(data);

    /// <summary>Measures.</summary>
    /// <param name="session">The model.</param>
    /// <param name="evaluator">The evaluator; <see cref="WhyNot"/> says whether it suits the data.</param>
    /// <param name="data">The data.</param>
    /// <param name="advanced">Told of the samples done after each batch.</param>
    /// <param name="cancellationToken">Ends the evaluation early.</param>
    /// <exception cref="InvalidInputException">No sample can be read, or the model has no vocabulary.</exception>
    public Measurement Evaluate(
        IImageTextSession session, StageUse evaluator, IDataSet data, Action<int>? advanced = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(data);
        var stage = _stages.Create<IEvaluator>(evaluator);
        var (result, samples, broken) = EvaluationPass.Run(session, stage, data, advanced, cancellationToken);
        return new Measurement(evaluator.Stage.Name, samples, broken.Count, [.. stage.Metrics.Select(m => (m, result.Metrics[m]))]);
    }
}

/// <summary>What an evaluator found.</summary>
/// <param name="Evaluator">Its name.</param>
/// <param name="Samples">Samples measured.</param>
/// <param name="Skipped">Samples that could not be read.</param>
/// <param name="Metrics">Its metrics in its order; fractions, not percent.</param>
public sealed record Measurement(string Evaluator, int Samples, int Skipped, IReadOnlyList<(string Name, double Value)> Metrics);
