namespace CompressionHost.Plugins.Evaluation;

/// <summary>
/// The embeddings that stand for classes (Radford et al., arXiv 2103.00020, section 3.1.4; CLIP_benchmark's zero-shot classifier): the normalized mean of the
/// normalized embeddings of the class's prompts.
/// </summary>
internal static class ClassEmbeddings
{
    /// <summary>Where the class name goes in a prompt.</summary>
    internal const string Placeholder = "{c}";

    /// <summary>An embedding for each class.</summary>
    internal static float[][] Of(Embeddings embeddings, IReadOnlyList<string> classes, IReadOnlyList<string> templates, CancellationToken cancellationToken)
    {
        var result = new float[classes.Count][];
        // As many classes at once as make a few batches of prompts: one class of one template is no batch.
        var step = Math.Max(1, 512 / templates.Count);
        for (var first = 0; first < classes.Count; first += step)
        {
            var count = Math.Min(step, classes.Count - first);
            var start = first;
            var prompts = Enumerable.Range(0, count)
                .SelectMany(c => templates.Select(t => t.Replace(Placeholder, classes[start + c], StringComparison.Ordinal)))
                .ToArray();
            var rows = embeddings.OfTexts(prompts, cancellationToken);
            for (var c = 0; c < count; c++)
                result[first + c] = NormalizedMean(rows.AsSpan(c * templates.Count, templates.Count));
        }
        return result;
    }

    private static float[] NormalizedMean(ReadOnlySpan<float[]> rows)
    {
        var mean = new double[rows[0].Length];
        foreach (var row in rows)
        {
            for (var i = 0; i < mean.Length; i++)
                mean[i] += row[i];
        }
        var norm = Math.Sqrt(mean.Sum(x => x * x));
        // Prompts that cancel out say nothing of the class: it stays at 0, as similar to one image as to another.
        return Array.ConvertAll(mean, x => norm > 0 ? (float)(x / norm) : 0f);
    }
}
