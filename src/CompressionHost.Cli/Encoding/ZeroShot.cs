namespace CompressionHost.Cli;

/// <summary>Zero-shot classification (Radford et al., arXiv 2103.00020, section 3.1.2).</summary>
internal static class ZeroShot
{
    /// <summary>Softmax of the scaled cosine similarities.</summary>
    /// <param name="image">L2-normalized embedding of the image.</param>
    /// <param name="classes">L2-normalized embedding of each class's text.</param>
    /// <param name="logitScale">Logit scale of the model, not its logarithm.</param>
    /// <returns>A probability for each class; they add up to 1.</returns>
    public static double[] Probabilities(float[] image, IReadOnlyList<float[]> classes, float logitScale)
    {
        var logits = classes.Select(c => logitScale * image.Zip(c, (x, y) => (double)x * y).Sum()).ToArray();
        var most = logits.Max();
        // Without the greatest logit taken off, a large scale would overflow.
        var weights = logits.Select(l => Math.Exp(l - most)).ToArray();
        var sum = weights.Sum();
        return [.. weights.Select(w => w / sum)];
    }
}
