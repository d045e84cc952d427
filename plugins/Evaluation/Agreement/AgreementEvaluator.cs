using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Evaluation;

/// <summary>
/// How far a model's outputs are from its teacher's on the same inputs. <c>cosine</c> is the mean and <c>minCosine</c> the least cosine over samples and
/// outputs, <c>relativeMse</c> the mean over outputs of ||s - t||^2 / ||t||^2, <c>top1</c> (if asked for) the share of equal arg max.
/// </summary>
public sealed class AgreementEvaluator : ITensorEvaluator
{
    private readonly AgreementOptions _options;

    /// <param name="options">What is compared.</param>
    /// <exception cref="ArgumentException">The list of outputs is empty or has one twice.</exception>
    public AgreementEvaluator(AgreementOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Outputs is { } outputs && (outputs.Count == 0 || outputs.Distinct(StringComparer.Ordinal).Count() != outputs.Count))
            throw new ArgumentException($"outputs is [{string.Join(", ", outputs)}]; it needs one or more different names.", nameof(options));
        _options = options;
    }

    /// <inheritdoc/>
    public bool NeedsTeacher => true;

    /// <inheritdoc/>
    public IReadOnlyList<string> Metrics => _options.Top1 ? ["cosine", "minCosine", "relativeMse", "top1"] : ["cosine", "minCosine", "relativeMse"];

    /// <inheritdoc/>
    public string? WhyNot(IDataSet data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return null;
    }

    /// <inheritdoc/>
    public EvaluationResult Evaluate(TensorEvaluation evaluation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        var teacher = evaluation.Teacher ?? throw new InvalidInputException("there is no teacher to compare with.");
        var names = Outputs(evaluation.Model, teacher);
        var sums = names.ToDictionary(n => n, _ => new AgreementSums(), StringComparer.Ordinal);
        foreach (var batch in evaluation.Batches)
        {
            using var _ = batch;
            using var scope = torch.NewDisposeScope();
            cancellationToken.ThrowIfCancellationRequested();
            var student = evaluation.Model.Forward(batch.Inputs);
            var reference = ReferenceEquals(teacher, evaluation.Model) ? student : teacher.Forward(batch.Inputs);
            var mask = batch.Inputs.GetValueOrDefault(_options.Mask);
            foreach (var name in names)
                sums[name].Add(ComparedOutput.Of(name, student[name], mask, _options.Pool), ComparedOutput.Of(name, reference[name], mask, _options.Pool));
            if (sums[names[0]].Samples >= _options.Samples)
                break;
        }
        if (sums.Values.Any(s => s.Samples == 0))
            throw new InvalidInputException("Not one sample of the evaluation data could be read.");
        var metrics = new Dictionary<string, double>
        {
            ["cosine"] = sums.Values.Average(s => s.Cosine),
            ["minCosine"] = sums.Values.Min(s => s.MinCosine),
            ["relativeMse"] = sums.Values.Average(s => s.RelativeError),
        };
        if (_options.Top1)
            metrics["top1"] = sums.Values.Average(s => s.Top1);
        return new EvaluationResult(metrics, []);
    }

    private List<string> Outputs(ITensorModel model, ITensorModel teacher)
    {
        var wanted = _options.Outputs ?? [.. model.Outputs.Where(o => torch.is_floating_point(o.Type)).Select(o => o.Name)];
        foreach (var one in new[] { model, teacher })
        {
            if (wanted.FirstOrDefault(n => one.Outputs.All(o => o.Name != n)) is { } missing)
                throw new InvalidInputException($"the model of architecture '{one.Architecture}' has no output '{missing}'; it has {string.Join(", ", one.Outputs.Select(o => $"'{o.Name}'"))}.");
        }
        return wanted.Count > 0 ? [.. wanted] : throw new InvalidInputException($"the model of architecture '{model.Architecture}' has no output of floating point to compare.");
    }
}
