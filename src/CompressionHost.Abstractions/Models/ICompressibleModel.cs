using CompressionHost.Inference;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Abstractions;

/// <summary>A model in memory whose weights can be compressed.</summary>
public interface ICompressibleModel : IDisposable
{
    /// <summary>Such as <c>clip</c>.</summary>
    string Architecture { get; }

    /// <summary>Every parameter under its Hugging Face name, in checkpoint order, the sites' weights included.</summary>
    IReadOnlyList<(string Name, Parameter Value)> Parameters { get; }

    /// <summary>The weights that may be quantized, in checkpoint order.</summary>
    IReadOnlyList<WeightSite> Sites { get; }

    /// <summary>
    /// Files beside the weights that a package needs, by Hugging Face file name: <c>config.json</c>, <c>vocab.json</c>,
    /// <c>merges.txt</c>, <c>preprocessor_config.json</c>, <c>tokenizer_config.json</c>. A model without a tokenizer lacks the vocabulary.
    /// </summary>
    IReadOnlyDictionary<string, byte[]> Assets { get; }

    /// <summary>A copy with its own weights, which computes the same once the sites' overrides are off. Whoever called disposes of it.</summary>
    ICompressibleModel Clone();
}

/// <summary>A model with an image and a text encoder that share an embedding space, such as CLIP.</summary>
public interface IImageTextModel : ICompressibleModel
{
    /// <summary>Values of one embedding.</summary>
    int EmbeddingSize { get; }

    /// <summary>The most tokens of one text, begin and end included.</summary>
    int ContextLength { get; }

    /// <summary>How images become pixel tensors.</summary>
    ClipImageProcessor ImageProcessor { get; }

    /// <summary>How texts become tokens; null where the checkpoint has no vocabulary.</summary>
    ClipTokenizer? Tokenizer { get; }

    /// <summary>Type the matrix products compute in: float32, which a model starts with, or bfloat16 with float32 weights, normalization and residuals.</summary>
    torch.ScalarType ComputeType { get; set; }

    /// <summary>Logarithm of the logit scale (a scalar parameter).</summary>
    Parameter LogitScale { get; }

    /// <summary>Image encoder, with gradients unless <c>torch.no_grad</c> is on. The result is not L2-normalized.</summary>
    /// <param name="pixels">float32 [batch, 3, size, size], normalized by <see cref="ImageProcessor"/>.</param>
    /// <returns>float32 [batch, <see cref="EmbeddingSize"/>].</returns>
    torch.Tensor EncodeImages(torch.Tensor pixels);

    /// <summary>Text encoder, with gradients unless <c>torch.no_grad</c> is on. The result is not L2-normalized.</summary>
    /// <param name="tokens">int64 [batch, length], padded after the end token, length at most <see cref="ContextLength"/>.</param>
    /// <returns>float32 [batch, <see cref="EmbeddingSize"/>].</returns>
    torch.Tensor EncodeTexts(torch.Tensor tokens);
}
