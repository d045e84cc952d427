using CompressionHost.Inference;

namespace CompressionHost.Plugins.Evaluation;

/// <summary>The samples shown in a report: up to 16, evenly spread over the data set, each with its five best answers.</summary>
internal sealed class Examples
{
    private const int Count = 16;
    private const int Answers = 5;

    private readonly HashSet<int> _positions;

    /// <param name="samples">Samples in the data set.</param>
    internal Examples(int samples) =>
        _positions = [.. Enumerable.Range(0, Math.Min(Count, samples)).Select(i => (int)((long)i * samples / Math.Min(Count, samples)))];

    /// <summary>Whether the sample at that position is shown.</summary>
    internal bool Includes(int position) => _positions.Contains(position);

    /// <summary>The best answers with their probabilities, the softmax of logitScale * similarity over all answers. Of equal ones the first wins.</summary>
    internal static IReadOnlyList<(string Text, double Score)> Best(ReadOnlySpan<float> similarities, float logitScale, Func<int, string> text)
    {
        var best = new List<int>(Answers + 1);
        for (var i = 0; i < similarities.Length; i++)
        {
            var place = best.Count;
            while (place > 0 && similarities[i] > similarities[best[place - 1]])
                place--;
            if (place == Answers)
                continue;
            best.Insert(place, i);
            if (best.Count > Answers)
                best.RemoveAt(Answers);
        }
        var probabilities = ZeroShot.Probabilities(similarities, logitScale);
        return [.. best.Select(i => (text(i), probabilities[i]))];
    }
}
