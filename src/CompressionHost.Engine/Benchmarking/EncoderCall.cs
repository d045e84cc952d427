using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Engine;

/// <summary>
/// One call of an encoder with made-up inputs, the same for every backend: pixels of about the spread that normalized images have, and
/// texts of full length, which leave nothing to a backend that skips padding.
/// </summary>
internal sealed class EncoderCall
{
    private const int Seed = 1;

    private readonly Action<float[]> _encode;
    private readonly float[] _embeddings;
    private readonly int _size;

    private EncoderCall(Action<float[]> encode, int batch, int size) => (_encode, _embeddings, _size) = (encode, new float[batch * size], size);

    /// <summary>Encodes.</summary>
    public void Run() => _encode(_embeddings);

    /// <summary>Makes a call: its inputs and outputs are made once, here.</summary>
    /// <param name="session">The model.</param>
    /// <param name="tower">The encoder.</param>
    /// <param name="batch">Inputs of a call.</param>
    /// <exception cref="InvalidInputException">The batch is more than an array holds, or texts of a model without a vocabulary.</exception>
    public static EncoderCall For(IImageTextSession session, Tower tower, int batch) => tower == Tower.Image ? Image(session, batch) : Text(session, batch);

    /// <summary>The least cosine similarity of an embedding of the last run with that of another call; 1 where all are the same.</summary>
    /// <param name="other">A call of the same encoder and batch, of another model or backend.</param>
    public double LeastCosine(EncoderCall other)
    {
        var least = 1.0;
        for (var at = 0; at < _embeddings.Length; at += _size)
            least = Math.Min(least, Cosine(_embeddings.AsSpan(at, _size), other._embeddings.AsSpan(at, _size)));
        return least;
    }

    private static double Cosine(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        var (xy, xx, yy) = (0.0, 0.0, 0.0);
        for (var i = 0; i < x.Length; i++)
        {
            xy += (double)x[i] * y[i];
            xx += (double)x[i] * x[i];
            yy += (double)y[i] * y[i];
        }
        return xy / Math.Sqrt(xx * yy);
    }

    private static EncoderCall Image(IImageTextSession session, int batch)
    {
        var size = session.ImageProcessor.Size;
        var pixels = new float[Length(batch, 3L * size * size, "images")];
        var random = new Random(Seed);
        foreach (ref var pixel in pixels.AsSpan())
            pixel = random.NextSingle() * 4 - 2;
        return new EncoderCall(e => session.EncodeImages(pixels, batch, e), batch, session.EmbeddingSize);
    }

    private static EncoderCall Text(IImageTextSession session, int batch)
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
        return new EncoderCall(e => session.EncodeTexts(tokens, batch, e), batch, session.EmbeddingSize);
    }

    private static int Length(int batch, long each, string what) => batch * each <= Array.MaxLength
        ? (int)(batch * each)
        : throw new InvalidInputException($"a batch of {batch} {what} is more than one array can hold; time at most {Array.MaxLength / each}.");
}
