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
    public IReadOnlyList<string> Metrics => ["top1", "top5", "meanPerClassRecall"];

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
        var tally = new Tally(classes.Length);
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
                var label = LabelOf(sample, classes.Length);
                Similarity.Dots(rows[i], classes, scores);
                if (shown.Includes(tally.Samples))
                {
                    examples.Add(new PredictionExample(
                        sample.Image, sample.Origin, data.ClassNames[label], Examples.Best(scores, session.LogitScale, c => data.ClassNames[c])));
                }
                tally.Add(label, Rank(scores, label));
            }
        }
        if (tally.Samples == 0)
            throw new InvalidInputException("Not one sample of the evaluation data could be read.");
        return new EvaluationResult(
            new Dictionary<string, double> { ["top1"] = tally.Top1, ["top5"] = tally.Top5, ["meanPerClassRecall"] = tally.MeanPerClassRecall },
            examples);
    }

    private static int LabelOf(Sample sample, int classes) => sample.Label is { } label && label >= 0 && label < classes
        ? label
        : throw new InvalidInputException($"The sample has {(sample.Label is { } l ? $"label {l}, which is none of {classes} classes" : "no label")}.", sample.Origin);

    private static int Rank(ReadOnlySpan<float> scores, int label)
    {
        var rank = 0;
        for (var c = 0; c < scores.Length; c++)
        {
            if (scores[c] > scores[label] || (scores[c] == scores[label] && c < label))
                rank++;
        }
        return rank;
    }

    private IReadOnlyList<string> TemplatesFor(IDataSet data) =>
        _templates.Count > 0 ? _templates : data.Templates.Count > 0 ? data.Templates : [DefaultTemplate];

    private sealed class Tally(int classes)
    {
        private readonly int[] _seen = new int[classes];
        private readonly int[] _right = new int[classes];
        private int _amongFive;

        internal int Samples { get; private set; }

        internal double Top1 => (double)_right.Sum() / Samples;

        internal double Top5 => (double)_amongFive / Samples;

        internal double MeanPerClassRecall => _right.Zip(_seen).Where(c => c.Second > 0).Average(c => (double)c.First / c.Second);

        internal void Add(int label, int rank)
        {
            Samples++;
            _seen[label]++;
            _right[label] += rank == 0 ? 1 : 0;
            _amongFive += rank < 5 ? 1 : 0;
        }
    }
}
