using System.Globalization;
using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Evaluation;

/// <summary>
/// Image-text retrieval as CLIP_benchmark measures it. <c>imageToText.r5</c> is the share of images one of whose own captions is among the five captions most similar
/// to them; <c>textToImage.r5</c> the share of captions whose image is among the five most similar images. Of equal similarities the earlier sample wins.
/// </summary>
public sealed class RetrievalEvaluator : IEvaluator
{
    private readonly IReadOnlyList<int> _recallAt;

    /// <param name="options">The k of the recalls.</param>
    /// <exception cref="ArgumentException">There is no k, one is less than 1 or one occurs twice.</exception>
    public RetrievalEvaluator(RetrievalOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _recallAt = options.RecallAt;
        if (_recallAt.Count == 0 || _recallAt.Any(k => k < 1) || _recallAt.Distinct().Count() != _recallAt.Count)
            throw new ArgumentException($"recallAt is [{string.Join(", ", _recallAt)}]; it needs one or more different whole numbers from 1.", nameof(options));
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Metrics => [.. _recallAt.Select(k => Name("imageToText", k)), .. _recallAt.Select(k => Name("textToImage", k))];

    /// <inheritdoc/>
    public string? WhyNot(IDataSet data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.ClassNames.Count > 0)
            return "retrieval needs captions and this data has class labels; measure it with 'zero-shot'.";
        return data.Texts().Any() ? null : "retrieval needs captions and this data has none.";
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidInputException">The data does not fit (see <see cref="WhyNot"/>), a sample has no caption, the model has no vocabulary or gives embeddings that are not finite, or no sample can be read.</exception>
    public EvaluationResult Evaluate(IImageTextSession session, IDataSet data, IEnumerable<ImageBatch> images, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(images);
        if (WhyNot(data) is { } reason)
            throw new InvalidInputException(reason);
        var embeddings = new Embeddings(session);
        var shown = new Examples(data.Count);
        var kept = new List<(int Image, Sample Sample)>();
        var imageRows = new List<float[]>();
        var textRows = new List<float[]>();
        var captions = new List<string>();
        var imageOfText = new List<int>();
        foreach (var batch in images)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var firstImage = imageRows.Count;
            var firstCaption = captions.Count;
            imageRows.AddRange(embeddings.OfImages(batch));
            for (var i = 0; i < batch.Samples.Count; i++)
            {
                var sample = batch.Samples[i];
                if (sample.Texts.Count == 0)
                    throw new InvalidInputException("The sample has no caption, so retrieval has no right answer for it.", sample.Origin);
                captions.AddRange(sample.Texts);
                imageOfText.AddRange(Enumerable.Repeat(firstImage + i, sample.Texts.Count));
                if (shown.Includes(firstImage + i))
                    kept.Add((firstImage + i, sample));
            }
            textRows.AddRange(embeddings.OfTexts(captions[firstCaption..], cancellationToken));
        }
        if (imageRows.Count == 0)
            throw new InvalidInputException("Not one sample of the evaluation data could be read.");

        float[][] allTexts = [.. textRows];
        var ranks = RetrievalRanks.Compute([.. imageRows], allTexts, [.. imageOfText], cancellationToken);
        var metrics = new Dictionary<string, double>();
        foreach (var k in _recallAt)
        {
            metrics[Name("imageToText", k)] = Share(ranks.OfImages, k);
            metrics[Name("textToImage", k)] = Share(ranks.OfTexts, k);
        }
        var scores = new float[allTexts.Length];
        var examples = new List<PredictionExample>();
        foreach (var (image, sample) in kept)
        {
            Similarity.Dots(imageRows[image], allTexts, scores);
            examples.Add(new PredictionExample(
                sample.Image, sample.Origin, string.Join(" / ", sample.Texts), Examples.Best(scores, session.LogitScale, t => captions[t])));
        }
        return new EvaluationResult(metrics, examples);
    }

    private static double Share(int[] ranks, int k) => (double)ranks.Count(r => r < k) / ranks.Length;

    private static string Name(string direction, int k) => direction + ".r" + k.ToString(CultureInfo.InvariantCulture);
}
