using CompressionHost.Abstractions;

namespace CompressionHost.Engine;

/// <summary>One evaluator on one model and one data set.</summary>
internal static class EvaluationPass
{
    private const int BatchSize = 128;

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
}
