using System.Runtime.InteropServices;
using CompressionHost.Abstractions;
using CompressionHost.Inference;
using TorchSharp;

namespace CompressionHost.Models;

/// <summary>
/// Runs a model in memory as a session: no gradients, everything freed after each call, in the model's
/// <see cref="IImageTextModel.ComputeType"/>, with whatever its sites hold at the time of the call.
/// </summary>
public sealed class ModelSession : IImageTextSession
{
    private readonly IImageTextModel _model;
    private readonly bool _owns;

    /// <param name="model">The model.</param>
    /// <param name="ownsModel">Whether to dispose of it with the session.</param>
    public ModelSession(IImageTextModel model, bool ownsModel = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        (_model, _owns) = (model, ownsModel);
    }

    /// <inheritdoc/>
    public string Kernel => "libtorch";

    /// <inheritdoc/>
    public int EmbeddingSize => _model.EmbeddingSize;

    /// <inheritdoc/>
    public int ContextLength => _model.ContextLength;

    /// <inheritdoc/>
    public float LogitScale => MathF.Exp(_model.LogitScale.item<float>());

    /// <inheritdoc/>
    public ClipImageProcessor ImageProcessor => _model.ImageProcessor;

    /// <inheritdoc/>
    public ClipTokenizer? Tokenizer => _model.Tokenizer;

    /// <inheritdoc/>
    public void EncodeImages(ReadOnlySpan<float> pixels, int count, Span<float> embeddings)
    {
        long size = ImageProcessor.Size;
        Check(pixels.Length, count * 3 * size * size, nameof(pixels));
        var destination = Destination(embeddings, count);
        if (count == 0)
            return;
        using var scope = torch.NewDisposeScope();
        using var noGradients = torch.no_grad();
        var input = torch.empty([count, 3, size, size], dtype: torch.ScalarType.Float32);
        MemoryMarshal.AsBytes(pixels).CopyTo(input.bytes);
        Normalize(_model.EncodeImages(input), destination);
    }

    /// <inheritdoc/>
    public void EncodeTexts(ReadOnlySpan<int> tokens, int count, Span<float> embeddings)
    {
        Check(tokens.Length, (long)count * ContextLength, nameof(tokens));
        var destination = Destination(embeddings, count);
        if (count == 0)
            return;
        using var scope = torch.NewDisposeScope();
        using var noGradients = torch.no_grad();
        var input = torch.empty([count, ContextLength], dtype: torch.ScalarType.Int32);
        MemoryMarshal.AsBytes(tokens).CopyTo(input.bytes);
        Normalize(_model.EncodeTexts(input.to(torch.ScalarType.Int64)), destination);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_owns)
            _model.Dispose();
    }

    private Span<float> Destination(Span<float> embeddings, int count)
    {
        var expected = checked(count * EmbeddingSize);
        return embeddings.Length >= expected
            ? embeddings[..expected]
            : throw new ArgumentException($"{embeddings.Length} values cannot hold {expected}.", nameof(embeddings));
    }

    private static void Normalize(torch.Tensor features, Span<float> embeddings)
    {
        var normalized = torch.nn.functional.normalize(features, p: 2, dim: -1).contiguous();
        MemoryMarshal.Cast<byte, float>(normalized.bytes).CopyTo(embeddings);
    }

    private static void Check(int length, long expected, string name)
    {
        if (length != expected)
            throw new ArgumentException($"{length} values where {expected} were expected.", name);
    }
}
