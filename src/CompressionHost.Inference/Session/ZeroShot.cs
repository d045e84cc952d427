namespace CompressionHost.Inference;

/// <summary>Probabilities of labels from embeddings.</summary>
internal static class ZeroShot
{
    /// <param name="image">Embedding of the image.</param>
    /// <param name="texts">Embeddings of the labels' captions, one after another.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="logitScale">Factor of a similarity.</param>
    /// <returns>The labels, the most probable first.</returns>
    public static IReadOnlyList<(string Label, float Probability)> Rank(ReadOnlySpan<float> image, ReadOnlySpan<float> texts, IReadOnlyList<string> labels, float logitScale)
    {
        var ranked = new (string Label, float Probability)[labels.Count];
        var largest = float.NegativeInfinity;
        for (var i = 0; i < ranked.Length; i++)
        {
            var logit = 0f;
            for (var j = 0; j < image.Length; j++)
                logit += image[j] * texts[i * image.Length + j];
            ranked[i] = (labels[i], logit * logitScale);
            largest = MathF.Max(largest, ranked[i].Probability);
        }
        var sum = 0f;
        foreach (ref var label in ranked.AsSpan())
            sum += label.Probability = MathF.Exp(label.Probability - largest);
        foreach (ref var label in ranked.AsSpan())
            label.Probability /= sum;
        Array.Sort(ranked, (a, b) => b.Probability.CompareTo(a.Probability));
        return ranked;
    }
}
