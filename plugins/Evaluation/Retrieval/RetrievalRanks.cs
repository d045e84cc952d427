namespace CompressionHost.Plugins.Evaluation;

/// <summary>
/// Where the right answers stand. The rank of an image is the place of the best of its own captions among all captions; the rank of a caption is the place of
/// its image among all images; 0 is the first. Of equal similarities the lower index stands first.
/// </summary>
internal sealed class RetrievalRanks
{
    // Captions whose embeddings stay in the cache while all images pass by.
    private const int Block = 256;

    private RetrievalRanks(int[] ofImages, int[] ofTexts) => (OfImages, OfTexts) = (ofImages, ofTexts);

    /// <summary>One rank an image.</summary>
    internal int[] OfImages { get; }

    /// <summary>One rank a caption.</summary>
    internal int[] OfTexts { get; }

    /// <summary>Compares every image with every caption once, a block at a time: no table of all similarities.</summary>
    /// <param name="images">Image embeddings.</param>
    /// <param name="texts">Caption embeddings.</param>
    /// <param name="imageOfText">Index of each caption's image; every image has a caption.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    internal static RetrievalRanks Compute(float[][] images, float[][] texts, int[] imageOfText, CancellationToken cancellationToken)
    {
        var own = new float[texts.Length];
        var bestText = new int[images.Length];
        Array.Fill(bestText, -1);
        for (var t = 0; t < texts.Length; t++)
        {
            own[t] = Similarity.Dot(images[imageOfText[t]], texts[t]);
            ref var best = ref bestText[imageOfText[t]];
            if (best < 0 || own[t] > own[best])
                best = t;
        }
        var ofImages = new int[images.Length];
        var ofTexts = new int[texts.Length];
        Parallel.For(0, (texts.Length + Block - 1) / Block, new ParallelOptions { CancellationToken = cancellationToken }, block =>
        {
            var first = block * Block;
            var candidates = texts.AsSpan(first, Math.Min(Block, texts.Length - first));
            var scores = new float[candidates.Length];
            for (var i = 0; i < images.Length; i++)
            {
                Similarity.Dots(images[i], candidates, scores);
                var better = 0;
                for (var c = 0; c < scores.Length; c++)
                {
                    var t = first + c;
                    better += IsBefore(scores[c], t, own[bestText[i]], bestText[i]) ? 1 : 0;
                    ofTexts[t] += IsBefore(scores[c], i, own[t], imageOfText[t]) ? 1 : 0;
                }
                if (better > 0)
                    Interlocked.Add(ref ofImages[i], better);
            }
        });
        return new RetrievalRanks(ofImages, ofTexts);
    }

    private static bool IsBefore(float score, int index, float rightScore, int rightIndex) =>
        score > rightScore || (score == rightScore && index < rightIndex);
}
