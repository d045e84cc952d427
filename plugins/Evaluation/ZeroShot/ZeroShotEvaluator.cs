using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Evaluation;

/// <summary>
/// Zero-shot classification as CLIP_benchmark measures it: an image belongs to the class whose embedding is most similar. <c>top1</c> and <c>top5</c> are shares
/// of images whose class is among the best one and five (all, where there are fewer than five classes); <c>meanPerClassRecall</c> is the mean, over the classes
/// that occur, of the share of their images that are right. Of equally similar classes the first wins.
/// </summary>
public sealed class ZeroShotEvaluator : IEvaluator
{
    private const string DefaultTemplate = "a photo of a {c}.";

    private readonly IReadOnlyList<string> _templates;

    /// <param name="options">Prompts.</param>
    public ZeroShotEvaluator(ZeroShotOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _templates = options.Templates;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Metrics => ClassificationTally.MetricNames;

    /// <inheritdoc/>
    public string? WhyNot(IDataSet data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.ClassNames.Count == 0)
            return "zero-shot needs labelled data and this data has no class names; use an image folder with a folder a class, or measure captions with 'retrieval'.";
        if (data.ClassNames.Count == 1)
            return $"zero-shot needs two classes or more and this data has only '{data.ClassNames[0]}'.";
        var template = TemplatesFor(data).FirstOrDefault(t => !t.Contains(ClassEmbeddings.Placeholder, StringComparison.Ordinal));
        return template is null ? null : $"the template '{template}' has no {{c}}, the place of the class name.";
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidInputException">The data does not fit (see <see cref="WhyNot"/>), the model has no vocabulary or gives embeddings that are not finite, or no sample can be read.</exception>
    public EvaluationResult Evaluate(IImageTextSession session, IDataSet data, IEnumerable<ImageBatch> images, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(images);
        if (WhyNot(data) is { } reason)
            throw new InvalidInputException(reason);
        var embeddings = new Embeddings(session);
        var classes = ClassEmbeddings.Of(embeddings, data.ClassNames, TemplatesFor(data), cancellationToken);
        var tally = new ClassificationTally(classes.Length);
        var shown = new Examples(data.Count);
        var examples = new List<PredictionExample>();
        var scores = new float[classes.Length];
        foreach (var batch in images)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rows = embeddings.OfImages(batch);
            for (var i = 0; i < rows.Length; i++)
            {
                var sample = batch.Samples[i];
                var label = ClassificationTally.LabelOf(sample, classes.Length);
                Similarity.Dots(rows[i], classes, scores);
                if (shown.Includes(tally.Samples))
                {
                    examples.Add(new PredictionExample(
                        sample.Image, sample.Origin, data.ClassNames[label], Examples.Best(scores, session.LogitScale, c => data.ClassNames[c])));
                }
                tally.Add(label, scores);
            }
        }
        if (tally.Samples == 0)
            throw new InvalidInputException("Not one sample of the evaluation data could be read.");
        return new EvaluationResult(tally.Metrics, examples);
    }

    private IReadOnlyList<string> TemplatesFor(IDataSet data) =>
        _templates.Count > 0 ? _templates : data.Templates.Count > 0 ? data.Templates : [DefaultTemplate];
}
