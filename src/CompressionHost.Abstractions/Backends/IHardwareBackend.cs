using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Abstractions;

/// <summary>Executes packages and checkpoints on this machine.</summary>
public interface IHardwareBackend
{
    /// <summary>Why it can run nothing at all on this machine, such as a processor of another kind, so that a recipe fails before its work begins and not after.</summary>
    /// <returns>Null if nothing is in its way, else the reason, as a phrase for the user.</returns>
    string? WhyNotHere() => null;

    /// <summary>
    /// Whether it can open that package or checkpoint here. Throws nothing, not even where there is nothing at the path. A file that is
    /// of the right kind but damaged is no reason: <see cref="Open"/> says what is wrong in it.
    /// </summary>
    /// <param name="path">A package file, or the folder of a package or checkpoint.</param>
    /// <returns>Null if it can, else the reason, as a phrase for the user.</returns>
    string? WhyNot(string path);

    /// <summary>Opens a package or checkpoint.</summary>
    /// <param name="path">A package file, or the folder of a package or checkpoint.</param>
    /// <param name="threads">Threads to compute with; 0 for one a core.</param>
    /// <exception cref="InvalidInputException">It is missing, malformed or not supported here.</exception>
    IImageTextSession Open(string path, int threads = 0);
}

/// <summary>A model ready to encode. Embeddings are L2-normalized; the same input gives the same embedding. One call at a time.</summary>
public interface IImageTextSession : IDisposable
{
    /// <summary>What computes, for benchmarks: <c>libtorch</c>, <c>onnxruntime</c>, or the instruction set of a kernel that was chosen, such as <c>avx512</c>.</summary>
    string Kernel { get; }

    /// <summary>Size of an embedding.</summary>
    int EmbeddingSize { get; }

    /// <summary>Tokens of one padded text.</summary>
    int ContextLength { get; }

    /// <summary>Logit scale (not its logarithm).</summary>
    float LogitScale { get; }

    /// <summary>How images become pixels.</summary>
    ClipImageProcessor ImageProcessor { get; }

    /// <summary>How texts become tokens; null where the model has no vocabulary.</summary>
    ClipTokenizer? Tokenizer { get; }

    /// <summary>Encodes a batch of images.</summary>
    /// <param name="pixels">[count, 3, size, size] from <see cref="ImageProcessor"/>.</param>
    /// <param name="count">Number of images; may be 0.</param>
    /// <param name="embeddings">Receives [count, <see cref="EmbeddingSize"/>]; may be longer.</param>
    /// <exception cref="ArgumentException">The lengths do not fit <paramref name="count"/>.</exception>
    void EncodeImages(ReadOnlySpan<float> pixels, int count, Span<float> embeddings);

    /// <summary>Encodes a batch of texts.</summary>
    /// <param name="tokens">[count, <see cref="ContextLength"/>], each text padded as <see cref="ClipTokenizer.EncodePadded"/> does.</param>
    /// <param name="count">Number of texts; may be 0.</param>
    /// <param name="embeddings">Receives [count, <see cref="EmbeddingSize"/>]; may be longer.</param>
    /// <exception cref="ArgumentException">The lengths do not fit <paramref name="count"/>.</exception>
    void EncodeTexts(ReadOnlySpan<int> tokens, int count, Span<float> embeddings);
}
