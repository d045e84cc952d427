namespace CompressionHost.Inference;

/// <summary>Zero-shot classification (Radford et al., arXiv 2103.00020, section 3.1.2).</summary>
public static class ZeroShot
{
    /// <summary>Cosine similarity of two L2-normalized embeddings of the same size.</summary>
    public static float Similarity(ReadOnlySpan<float> image, ReadOnlySpan<float> text)
    {
        if (image.Length != text.Length)
            throw new ArgumentException($"Embeddings of {image.Length} and {text.Length} values.", nameof(text));
        var sum = 0.0;
        for (var i = 0; i < image.Length; i++)
            sum += (double)image[i] * text[i];
        return (float)sum;
    }

    /// <summary>Softmax of the scaled similarities.</summary>
    /// <param name="similarities">Similarity of the image and each label's text, at least one.</param>
    /// <param name="logitScale">Logit scale of the model, not its logarithm.</param>
    /// <returns>A probability for each label; they add up to 1.</returns>
    public static double[] Probabilities(ReadOnlySpan<float> similarities, float logitScale)
    {
        var probabilities = new double[similarities.Length];
        var most = double.NegativeInfinity;
        foreach (var s in similarities)
            most = Math.Max(most, (double)logitScale * s);
        var sum = 0.0;
        // Without the greatest logit taken off, a large scale would overflow.
        for (var i = 0; i < probabilities.Length; i++)
            sum += probabilities[i] = Math.Exp((double)logitScale * similarities[i] - most);
        for (var i = 0; i < probabilities.Length; i++)
            probabilities[i] /= sum;
        return probabilities;
    }

    /// <param name="image">Embedding of the image.</param>
    /// <param name="texts">Embeddings of the labels' captions, one after another.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="logitScale">Factor of a similarity.</param>
    /// <returns>The labels, the most probable first.</returns>
    internal static IReadOnlyList<(string Label, float Probability)> Rank(ReadOnlySpan<float> image, ReadOnlySpan<float> texts, IReadOnlyList<string> labels, float logitScale)
    {
        var similarities = new float[labels.Count];
        for (var i = 0; i < similarities.Length; i++)
            similarities[i] = Similarity(image, texts.Slice(i * image.Length, image.Length));
        var probabilities = Probabilities(similarities, logitScale);
        return [.. labels.Select((label, i) => (label, (float)probabilities[i])).OrderByDescending(l => l.Item2)];
    }
}
