using CompressionHost.Abstractions;
using TorchSharp;

namespace CompressionHost.Engine;

/// <summary>One evaluator on one model and one data set.</summary>
internal static class EvaluationPass
{
    private const int BatchSize = 128;

    // A graph may take large images or long texts, and its hidden states are outputs.
    private const int TensorBatchSize = 32;

    /// <param name="session">The model.</param>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="data">The data.</param>
    /// <param name="advanced">Told of the samples done after each batch.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>What was found, how many samples were measured and which could not be read.</returns>
    public static (EvaluationResult Result, int Samples, BrokenSamples Broken) Run(
        IImageTextSession session, IEvaluator evaluator, IDataSet data, Action<int>? advanced, CancellationToken cancellationToken)
    {
        // Half the machine decodes; the model's own threads need the rest.
        var loader = new SampleLoader(data, session.ImageProcessor, Math.Max(1, Environment.ProcessorCount / 2));
        var samples = 0;
        IEnumerable<ImageBatch> Counted()
        {
            foreach (var batch in loader.InOrder(BatchSize, cancellationToken))
            {
                samples += batch.Samples.Count;
                yield return batch;
                advanced?.Invoke(samples);
            }
        }
        var result = evaluator.Evaluate(session, data, Counted(), cancellationToken);
        return (result, samples, loader.Broken);
    }

    /// <summary>The same for a model of named tensors.</summary>
    /// <param name="model">The model.</param>
    /// <param name="teacher">What it is compared with, or null.</param>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="data">The data.</param>
    /// <param name="advanced">Told of the samples done after each batch.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static (EvaluationResult Result, int Samples, BrokenSamples Broken) Run(
        ITensorModel model, ITensorModel? teacher, ITensorEvaluator evaluator, IDataSet data, Action<int>? advanced, CancellationToken cancellationToken)
    {
        using var noGradients = torch.no_grad();
        var loader = new TensorLoader(data, model, Math.Max(1, Environment.ProcessorCount / 2));
        var samples = 0;
        IEnumerable<TensorBatch> Counted()
        {
            foreach (var batch in loader.InOrder(TensorBatchSize, cancellationToken))
            {
                samples += batch.Samples.Count;
                yield return batch;
                advanced?.Invoke(samples);
            }
        }
        var result = evaluator.Evaluate(new TensorEvaluation(model, teacher, data, Counted()), cancellationToken);
        return (result, samples, loader.Broken);
    }
}
