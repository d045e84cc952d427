using CompressionHost.Abstractions;
using CompressionHost.Inference;

namespace CompressionHost.Plugins.Onnx;

/// <summary>Both encoders in ONNX Runtime.</summary>
internal sealed class OnnxSession(ClipConfig config, ClipImageProcessor processor, ClipTokenizer? tokenizer, OnnxTower image, OnnxTower text) : IImageTextSession
{
    private long[] _tokens = [];

    public string Kernel => "onnxruntime";

    public int EmbeddingSize => config.EmbeddingSize;

    public int ContextLength => config.Text.ContextLength;

    public float LogitScale => image.LogitScale;

    public ClipImageProcessor ImageProcessor => processor;

    public ClipTokenizer? Tokenizer => tokenizer;

    public void EncodeImages(ReadOnlySpan<float> pixels, int count, Span<float> embeddings)
    {
        long size = config.Vision.ImageSize;
        CheckLength(pixels.Length, 3 * size * size, count, nameof(pixels));
        var destination = Destination(embeddings, count);
        if (count > 0)
            image.Run(pixels, [count, 3, size, size], destination, [count, EmbeddingSize]);
    }

    public void EncodeTexts(ReadOnlySpan<int> tokens, int count, Span<float> embeddings)
    {
        CheckLength(tokens.Length, ContextLength, count, nameof(tokens));
        var destination = Destination(embeddings, count);
        if (count == 0)
            return;
        var length = LongestText(tokens, count);
        if (_tokens.Length < count * length)
            _tokens = new long[count * length];
        for (var i = 0; i < count; i++)
        {
            for (var at = 0; at < length; at++)
                _tokens[i * length + at] = Checked(tokens[i * ContextLength + at]);
        }
        text.Run<long>(_tokens.AsSpan(0, count * length), [count, length], destination, [count, EmbeddingSize]);
    }

    public void Dispose()
    {
        image.Dispose();
        text.Dispose();
    }

    // No token sees those after it, so what comes after the last end token of a batch changes nothing.
    private int LongestText(ReadOnlySpan<int> tokens, int count)
    {
        var longest = 0;
        for (var i = 0; i < count; i++)
            longest = Math.Max(longest, EndPosition(tokens.Slice(i * ContextLength, ContextLength)) + 1);
        return longest;
    }

    private int EndPosition(ReadOnlySpan<int> row)
    {
        if (config.Text.EndToken != ClipTextConfig.LegacyEndToken)
            return Math.Max(0, row.IndexOf(config.Text.EndToken));
        var greatest = 0;
        for (var i = 1; i < row.Length; i++)
        {
            if (row[i] > row[greatest])
                greatest = i;
        }
        return greatest;
    }

    private long Checked(int token) => (uint)token < (uint)config.Text.VocabularySize
        ? token
        : throw new ArgumentException($"Token {token} is outside the vocabulary of {config.Text.VocabularySize}.", "tokens");

    private Span<float> Destination(Span<float> embeddings, int count)
    {
        var expected = checked(count * EmbeddingSize);
        return embeddings.Length >= expected
            ? embeddings[..expected]
            : throw new ArgumentException($"{embeddings.Length} values cannot hold {expected}.", nameof(embeddings));
    }

    private static void CheckLength(int length, long each, int count, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (length != each * count)
            throw new ArgumentException($"{length} values where {each * count} were expected.", name);
    }
}
