using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Evaluation;

/// <summary>Embeddings of images and texts from a session, one array each, checked to be finite.</summary>
internal sealed class Embeddings
{
    private const int TextBatch = 64;

    private readonly IImageTextSession _session;
    private readonly ClipTokenizer _tokenizer;

    /// <exception cref="InvalidInputException">The model has no tokenizer.</exception>
    internal Embeddings(IImageTextSession session)
    {
        _session = session;
        _tokenizer = session.Tokenizer ?? throw new InvalidInputException(
            "The model has no vocabulary, so it cannot be given texts; put vocab.json and merges.txt of its tokenizer beside the checkpoint.");
    }

    /// <summary>An embedding for each image of the batch.</summary>
    internal float[][] OfImages(ImageBatch batch)
    {
        var flat = new float[batch.Samples.Count * _session.EmbeddingSize];
        _session.EncodeImages(batch.Pixels, batch.Samples.Count, flat);
        return Rows(flat, i => batch.Samples[i].Origin);
    }

    /// <summary>An embedding for each text, encoded in batches.</summary>
    internal float[][] OfTexts(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        var rows = new List<float[]>(texts.Count);
        for (var start = 0; start < texts.Count; start += TextBatch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(TextBatch, texts.Count - start);
            var tokens = new int[count * _session.ContextLength];
            for (var i = 0; i < count; i++)
                _tokenizer.EncodePadded(texts[start + i], tokens.AsSpan(i * _session.ContextLength, _session.ContextLength));
            var flat = new float[count * _session.EmbeddingSize];
            _session.EncodeTexts(tokens, count, flat);
            var first = start;
            rows.AddRange(Rows(flat, i => $"'{texts[first + i]}'"));
        }
        return [.. rows];
    }

    // NaN compares as neither more nor less, so a model that gives it would rank the right answer first everywhere.
    private float[][] Rows(float[] flat, Func<int, string> what)
    {
        var rows = flat.Chunk(_session.EmbeddingSize).ToArray();
        var bad = Array.FindIndex(rows, r => !Array.TrueForAll(r, float.IsFinite));
        return bad < 0 ? rows : throw new InvalidInputException(
            $"The model's embedding of {what(bad)} is not finite. Its weights are broken or its training diverged; lower the learning rate.");
    }
}
