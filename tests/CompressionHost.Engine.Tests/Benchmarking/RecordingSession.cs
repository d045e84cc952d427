using CompressionHost.Abstractions;
using CompressionHost.Inference;

namespace CompressionHost.Engine.Tests;

/// <summary>A model that takes its time, keeps what it was given and answers with made-up embeddings.</summary>
internal sealed class RecordingSession(TimeSpan time, params float[] embedding) : IImageTextSession
{
    private static readonly (byte[] Vocabulary, byte[] Merges) Files = BpeTrainer.Train(["a"], BpeTrainer.MinimumVocabularySize);

    /// <summary>Distinct inputs, as text.</summary>
    public HashSet<string> Inputs { get; } = [];

    /// <summary>Told of every call.</summary>
    public Action? Called { get; init; }

    public string Kernel => "recording";

    public int EmbeddingSize => embedding.Length;

    public int ContextLength => 16;

    public float LogitScale => 1;

    public ClipImageProcessor ImageProcessor { get; } = new(4, [0, 0, 0], [1, 1, 1]);

    public ClipTokenizer? Tokenizer { get; init; } = ClipTokenizer.FromVocabulary(Files.Vocabulary, Files.Merges);

    public void EncodeImages(ReadOnlySpan<float> pixels, int count, Span<float> embeddings)
    {
        Assert.Equal(count * 48, pixels.Length);
        Answer(string.Join(' ', pixels.ToArray()), count, embeddings);
    }

    public void EncodeTexts(ReadOnlySpan<int> tokens, int count, Span<float> embeddings)
    {
        Assert.Equal(count * ContextLength, tokens.Length);
        for (var i = 0; i < count; i++)
        {
            var row = tokens.Slice(i * ContextLength, ContextLength);
            Assert.Equal((Tokenizer!.BeginToken, ContextLength - 1), (row[0], row.IndexOf(Tokenizer.EndToken)));
        }
        Answer(string.Join(' ', tokens.ToArray()), count, embeddings);
    }

    public void Dispose()
    {
    }

    private void Answer(string input, int count, Span<float> embeddings)
    {
        Called?.Invoke();
        Inputs.Add(input);
        if (time > TimeSpan.Zero)
            Thread.Sleep(time);
        for (var i = 0; i < count; i++)
            embedding.CopyTo(embeddings[(i * embedding.Length)..]);
    }
}
