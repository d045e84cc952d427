using System.Runtime.InteropServices;
using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Evaluation;

/// <summary>
/// The accuracy of a classifier: <c>top1</c> and <c>top5</c> (all, where there are fewer than five classes) are shares of samples whose class has the greatest logit or one
/// of the five greatest, <c>meanPerClassRecall</c> is the mean, over the classes that occur, of the share of their samples that are right. Classes of the data are the
/// model's by their order.
/// </summary>
public sealed class ClassificationEvaluator : ITensorEvaluator
{
    private readonly string _output;

    /// <param name="options">The output that holds the logits.</param>
    public ClassificationEvaluator(ClassificationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _output = options.Output;
    }

    /// <inheritdoc/>
    public bool NeedsTeacher => false;

    /// <inheritdoc/>
    public IReadOnlyList<string> Metrics => ClassificationTally.MetricNames;

    /// <inheritdoc/>
    public string? WhyNot(IDataSet data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return data.ClassNames.Count == 0 ? "classification needs labelled data and this data has no class names; use an image folder with a folder a class." : null;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidInputException">The model has no such output or other classes than the data, a logit is not finite, or no sample can be read.</exception>
    public EvaluationResult Evaluate(TensorEvaluation evaluation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        var (model, data) = (evaluation.Model, evaluation.Data);
        if (WhyNot(data) is { } reason)
            throw new InvalidInputException(reason);
        if (model.Outputs.All(o => o.Name != _output))
            throw new InvalidInputException($"the model of architecture '{model.Architecture}' has no output '{_output}'; it has {string.Join(", ", model.Outputs.Select(o => $"'{o.Name}'"))}.");
        var classes = data.ClassNames.Count;
        var tally = new ClassificationTally(classes);
        var shown = new Examples(data.Count);
        var examples = new List<PredictionExample>();
        foreach (var batch in evaluation.Batches)
        {
            using var _ = batch;
            cancellationToken.ThrowIfCancellationRequested();
            var logits = Logits(model, batch, classes);
            for (var i = 0; i < batch.Samples.Count; i++)
            {
                var sample = batch.Samples[i];
                var label = ClassificationTally.LabelOf(sample, classes);
                var scores = logits.AsSpan(i * classes, classes);
                if (shown.Includes(tally.Samples))
                    examples.Add(new PredictionExample(sample.Image, sample.Origin, data.ClassNames[label], Examples.Best(scores, 1, c => data.ClassNames[c])));
                tally.Add(label, scores);
            }
        }
        return tally.Samples > 0
            ? new EvaluationResult(tally.Metrics, examples)
            : throw new InvalidInputException("Not one sample of the evaluation data could be read.");
    }

    private float[] Logits(ITensorModel model, TensorBatch batch, int classes)
    {
        using var scope = torch.NewDisposeScope();
        var output = model.Forward(batch.Inputs)[_output].to(torch.ScalarType.Float32).contiguous();
        if (!output.shape.AsSpan().SequenceEqual([batch.Samples.Count, classes]))
            throw new InvalidInputException($"output '{_output}' is [{string.Join(", ", output.shape)}] for {batch.Samples.Count} samples of data with {classes} classes; the data must have the model's classes, in its order.");
        var logits = MemoryMarshal.Cast<byte, float>(output.bytes).ToArray();
        return Array.TrueForAll(logits, float.IsFinite)
            ? logits
            : throw new InvalidInputException($"output '{_output}' has NaN or an infinite value; the weights are broken.");
    }
}
