using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Cli;

/// <summary>Encodes images and texts in batches.</summary>
internal static class Embedder
{
    /// <summary>Bounds the memory of pixels: at 224 pixels a batch is 19 MB.</summary>
    private const int BatchSize = 32;

    /// <summary>Encodes everything.</summary>
    /// <exception cref="InvalidInputException">An image cannot be decoded, the model has no vocabulary, or an embedding is not finite.</exception>
    public static Embeddings Encode(IImageTextSession session, EncodeInputs inputs, string model, CancellationToken cancellationToken)
    {
        if (inputs.Texts.Count > 0 && session.Tokenizer is null)
        {
            throw new InvalidInputException(
                "the model has no vocabulary, so it cannot encode texts; copy vocab.json and merges.txt of the model it was trained as into its folder", model);
        }
        var images = new List<(string, float[])>(inputs.Images.Count);
        foreach (var batch in inputs.Images.Chunk(BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var vectors = EncodeImages(session, batch, cancellationToken);
            images.AddRange(batch.Zip(Split(vectors, session.EmbeddingSize, i => batch[i])));
        }
        var texts = new List<(string, int[], float[])>(inputs.Texts.Count);
        foreach (var batch in inputs.Texts.Chunk(BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (tokens, vectors) = EncodeTexts(session, session.Tokenizer!, batch);
            texts.AddRange(batch.Zip(tokens, Split(vectors, session.EmbeddingSize, i => $"text '{batch[i]}'")));
        }
        return new Embeddings(session.EmbeddingSize, images, texts);
    }

    private static float[] EncodeImages(IImageTextSession session, string[] paths, CancellationToken cancellationToken)
    {
        var processor = session.ImageProcessor;
        var length = 3 * processor.Size * processor.Size;
        var pixels = new float[paths.Length * length];
        var faults = new InvalidInputException?[paths.Length];
        Parallel.For(0, paths.Length, new ParallelOptions { CancellationToken = cancellationToken }, i =>
        {
            try
            {
                processor.Process(ImageDecoder.Decode(File.ReadAllBytes(paths[i])), pixels.AsSpan(i * length, length));
            }
            catch (Exception e) when (e is InvalidInputException or IOException or UnauthorizedAccessException)
            {
                faults[i] = new InvalidInputException($"the image cannot be read: {e.Message}", paths[i], e);
            }
        });
        if (Array.Find(faults, f => f is not null) is { } fault)
            throw fault;
        var vectors = new float[paths.Length * session.EmbeddingSize];
        session.EncodeImages(pixels, paths.Length, vectors);
        return vectors;
    }

    private static (int[][] Tokens, float[] Vectors) EncodeTexts(IImageTextSession session, ClipTokenizer tokenizer, string[] texts)
    {
        var padded = new int[texts.Length * session.ContextLength];
        var tokens = new int[texts.Length][];
        for (var i = 0; i < texts.Length; i++)
        {
            tokens[i] = tokenizer.Encode(texts[i], session.ContextLength);
            tokenizer.EncodePadded(texts[i], padded.AsSpan(i * session.ContextLength, session.ContextLength));
        }
        var vectors = new float[texts.Length * session.EmbeddingSize];
        session.EncodeTexts(padded, texts.Length, vectors);
        return (tokens, vectors);
    }

    private static IEnumerable<float[]> Split(float[] vectors, int size, Func<int, string> name)
    {
        for (var i = 0; i < vectors.Length / size; i++)
        {
            var vector = vectors.AsSpan(i * size, size).ToArray();
            if (Array.Exists(vector, v => !float.IsFinite(v)))
                throw new InvalidInputException($"the embedding of {name(i)} is not finite; the model's weights are unusable");
            yield return vector;
        }
    }
}
