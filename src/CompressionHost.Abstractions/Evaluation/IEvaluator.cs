using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Abstractions;

/// <summary>Measures a model on a data set.</summary>
public interface IEvaluator
{
    /// <summary>The metrics it gives, such as <c>top1</c> or <c>imageToText.r1</c>; they follow from the options, so that gates can be checked before anything runs.</summary>
    IReadOnlyList<string> Metrics { get; }

    /// <summary>What is wrong with that data set for this evaluator, such as no labels or no captions. Reads no image.</summary>
    /// <returns>Null if nothing is, else the reason, as a sentence for the recipe's author.</returns>
    string? WhyNot(IDataSet data);

    /// <summary>Measures. Batches come decoded and preprocessed from <paramref name="images"/>.</summary>
    /// <param name="session">The model.</param>
    /// <param name="data">The data set: class names, templates.</param>
    /// <param name="images">Every readable sample of the data set once, in order, in batches that are decoded as they are asked for. Enumerate it once.</param>
    /// <param name="cancellationToken">Ends the evaluation early.</param>
    /// <exception cref="InvalidInputException">The data does not fit, nothing of it can be read, or the model gives embeddings that are not finite.</exception>
    EvaluationResult Evaluate(IImageTextSession session, IDataSet data, IEnumerable<ImageBatch> images, CancellationToken cancellationToken = default);
}

/// <summary>Decoded and preprocessed samples.</summary>
/// <param name="Pixels">[count, 3, size, size], normalized as the session's image processor does.</param>
/// <param name="Samples">The samples, in the order of the pixels.</param>
public sealed record ImageBatch(float[] Pixels, IReadOnlyList<Sample> Samples);

/// <summary>What an evaluation found.</summary>
/// <param name="Metrics">A value for each of <see cref="IEvaluator.Metrics"/>; fractions, not percent.</param>
/// <param name="Examples">A few samples with predictions, for the report; choose the same samples for every model, so that they can be compared.</param>
public sealed record EvaluationResult(IReadOnlyDictionary<string, double> Metrics, IReadOnlyList<PredictionExample> Examples);

/// <summary>One sample and what the model made of it.</summary>
/// <param name="Image">The image.</param>
/// <param name="Origin">Where it came from.</param>
/// <param name="Expected">The right answer, such as its class or caption.</param>
/// <param name="Predictions">The best answers, best first, with a probability or similarity.</param>
public sealed record PredictionExample(RgbImage Image, string Origin, string Expected, IReadOnlyList<(string Text, double Score)> Predictions);
