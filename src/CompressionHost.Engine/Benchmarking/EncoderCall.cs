using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Engine;

/// <summary>
/// One call of an encoder with made-up inputs, the same for every backend: pixels of about the spread that normalized images have, and
/// texts of full length, which leave nothing to a backend that skips padding.
/// </summary>
internal static class EncoderCall
{
    private const int Seed = 1;

    /// <summary>The call. Inputs and outputs are made once, here.</summary>
    /// <param name="session">The model.</param>
    /// <param name="tower">The encoder.</param>
    /// <param name="batch">Inputs of a call.</param>
    public static Action For(IImageTextSession session, Tower tower, int batch) => tower == Tower.Image ? Image(session, batch) : Text(session, batch);

    private static Action Image(IImageTextSession session, int batch)
    {
        var size = session.ImageProcessor.Size;
        var pixels = new float[Length(batch, 3L * size * size, "images")];
        var random = new Random(Seed);
        foreach (ref var pixel in pixels.AsSpan())
            pixel = random.NextSingle() * 4 - 2;
        var embeddings = new float[batch * session.EmbeddingSize];
        return () => session.EncodeImages(pixels, batch, embeddings);
    }

    private static Action Text(IImageTextSession session, int batch)
    {
        var length = session.ContextLength;
        var tokenizer = session.Tokenizer ?? throw new InvalidInputException(
            "the model has no vocabulary, so nothing says which token ends a text; its text encoder cannot be timed. Time the image encoder alone, or put vocab.json and merges.txt of the model it was trained as into its folder.");
        var (begin, end) = (tokenizer.BeginToken, tokenizer.EndToken);
        var tokens = new int[Length(batch, length, "texts")];
        var random = new Random(Seed);
        for (var text = 0; text < batch; text++)
        {
            var row = tokens.AsSpan(text * length, length);
            foreach (ref var token in row)
                token = random.Next(Math.Min(begin, end));
            (row[0], row[^1]) = (begin, end);
        }
        var embeddings = new float[batch * session.EmbeddingSize];
        return () => session.EncodeTexts(tokens, batch, embeddings);
    }

    private static int Length(int batch, long each, string what) => batch * each <= Array.MaxLength
        ? (int)(batch * each)
        : throw new InvalidInputException($"a batch of {batch} {what} is more than one array can hold; time at most {Array.MaxLength / each}.");
}
