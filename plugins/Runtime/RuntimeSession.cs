using CompressionHost.Abstractions;
using CompressionHost.Inference;

namespace CompressionHost.Plugins.Runtime;

/// <summary>A <see cref="ClipSession"/> as the engine sees sessions.</summary>
internal sealed class RuntimeSession(ClipSession session) : IImageTextSession
{
    public string Kernel => session.Kernel;

    public int EmbeddingSize => session.EmbeddingSize;

    public int ContextLength => session.ContextLength;

    public float LogitScale => session.LogitScale;

    public ClipImageProcessor ImageProcessor => session.ImageProcessor;

    public ClipTokenizer? Tokenizer => session.Tokenizer;

    public void EncodeImages(ReadOnlySpan<float> pixels, int count, Span<float> embeddings) => session.EncodeImages(pixels, count, embeddings);

    public void EncodeTexts(ReadOnlySpan<int> tokens, int count, Span<float> embeddings) => session.EncodeTexts(tokens, count, embeddings);

    public void Dispose() => session.Dispose();
}
