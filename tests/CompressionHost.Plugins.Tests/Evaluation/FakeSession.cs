using CompressionHost.Abstractions;
using CompressionHost.Inference;

namespace CompressionHost.Plugins.Tests;

/// <summary>A session with made-up embeddings: an image's is in its first pixels, a text's is looked up by its tokens.</summary>
internal sealed class FakeSession(int embeddingSize) : IImageTextSession
{
    private static readonly (byte[] Vocabulary, byte[] Merges) Files = BpeTrainer.Train(["a"], BpeTrainer.MinimumVocabularySize);

    private readonly Dictionary<string, float[]> _texts = [];

    public string Kernel => "fake";

    public int EmbeddingSize => embeddingSize;

    public int ContextLength => 40;

    public float LogitScale { get; init; } = 1;

    public ClipImageProcessor ImageProcessor { get; } = new(8, [0, 0, 0], [1, 1, 1]);

    public ClipTokenizer? Tokenizer { get; init; } = ClipTokenizer.FromVocabulary(Files.Vocabulary, Files.Merges);

    public int LargestTextBatch { get; private set; }

    public void Add(string text, params float[] embedding) => _texts[Key(Tokenizer!.Encode(text, ContextLength))] = embedding;

    public void EncodeImages(ReadOnlySpan<float> pixels, int count, Span<float> embeddings)
    {
        for (var i = 0; i < count; i++)
            pixels.Slice(i * 192, embeddingSize).CopyTo(embeddings[(i * embeddingSize)..]);
    }

    public void EncodeTexts(ReadOnlySpan<int> tokens, int count, Span<float> embeddings)
    {
        LargestTextBatch = Math.Max(LargestTextBatch, count);
        for (var i = 0; i < count; i++)
        {
            var padded = tokens.Slice(i * ContextLength, ContextLength);
            _texts[Key(padded[..(padded.IndexOf(Tokenizer!.EndToken) + 1)])].CopyTo(embeddings[(i * embeddingSize)..]);
        }
    }

    public void Dispose()
    {
    }

    private static string Key(ReadOnlySpan<int> tokens) => string.Join(' ', tokens.ToArray());
}

/// <summary>A data set of prepared samples whose images are embeddings.</summary>
internal sealed class FakeData(IReadOnlyList<string> classes, IReadOnlyList<string> templates, IReadOnlyList<(Sample Sample, float[] Embedding)> samples) : IDataSet
{
    private static readonly RgbImage Pixel = new(1, 1, new byte[3]);

    public int Count => samples.Count;

    public IReadOnlyList<string> ClassNames => classes;

    public IReadOnlyList<string> Templates => templates;

    public static FakeData Labelled(string[] classes, string[] templates, params (int Label, float[] Embedding)[] samples) =>
        new(classes, templates, [.. samples.Select((s, i) => (new Sample(Pixel, [], s.Label, $"image {i}"), s.Embedding))]);

    public static FakeData Captioned(params (string[] Texts, float[] Embedding)[] samples) =>
        new([], [], [.. samples.Select((s, i) => (new Sample(Pixel, s.Texts, null, $"image {i}"), s.Embedding))]);

    public Sample Read(int index) => throw new InvalidOperationException("An evaluator takes its samples from the batches.");

    public IEnumerable<string> Texts() => samples.SelectMany(s => s.Sample.Texts);

    public string Digest() => "";

    public void Dispose()
    {
    }

    public IEnumerable<ImageBatch> Batches(int size) => samples.Chunk(size).Select(chunk =>
    {
        var pixels = new float[chunk.Length * 192];
        for (var i = 0; i < chunk.Length; i++)
            chunk[i].Embedding.CopyTo(pixels, i * 192);
        return new ImageBatch(pixels, [.. chunk.Select(c => c.Sample)]);
    });
}
