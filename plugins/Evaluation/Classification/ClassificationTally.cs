using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Evaluation;

/// <summary>
/// Counts right answers: <c>top1</c> and <c>top5</c> are shares of samples whose class is among the best one and five, <c>meanPerClassRecall</c> is the mean, over the
/// classes that occur, of the share of their samples that are right. Of equal scores the first wins.
/// </summary>
internal sealed class ClassificationTally(int classes)
{
    private readonly int[] _seen = new int[classes];
    private readonly int[] _right = new int[classes];
    private int _amongFive;

    /// <summary>The metrics it gives.</summary>
    internal static IReadOnlyList<string> MetricNames { get; } = ["top1", "top5", "meanPerClassRecall"];

    /// <summary>Samples so far.</summary>
    internal int Samples { get; private set; }

    /// <summary>The metrics; after at least one sample.</summary>
    internal IReadOnlyDictionary<string, double> Metrics => new Dictionary<string, double>
    {
        ["top1"] = (double)_right.Sum() / Samples,
        ["top5"] = (double)_amongFive / Samples,
        ["meanPerClassRecall"] = _right.Zip(_seen).Where(c => c.Second > 0).Average(c => (double)c.First / c.Second),
    };

    /// <summary>The label of a sample.</summary>
    /// <exception cref="InvalidInputException">It has none, or one that is no class.</exception>
    internal static int LabelOf(Sample sample, int classes) => sample.Label is { } label && label >= 0 && label < classes
        ? label
        : throw new InvalidInputException($"The sample has {(sample.Label is { } l ? $"label {l}, which is none of {classes} classes" : "no label")}.", sample.Origin);

    /// <summary>Counts a sample.</summary>
    internal void Add(int label, ReadOnlySpan<float> scores)
    {
        var rank = Rank(scores, label);
        Samples++;
        _seen[label]++;
        _right[label] += rank == 0 ? 1 : 0;
        _amongFive += rank < 5 ? 1 : 0;
    }

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
}
