using CompressionHost.Abstractions;
using TorchSharp;

namespace CompressionHost.Models;

/// <summary>
/// Initial weights of a new model: normal with the deviation 0.02 of BERT (Devlin et al., arXiv 1810.04805) and transformers' ViT; biases
/// 0 and the gains of normalizations 1.
/// </summary>
internal sealed class NormalInitializer(long seed) : IDisposable
{
    private const double Deviation = 0.02;

    private readonly torch.Generator _generator = new((ulong)seed);

    public void Dispose() => _generator.Dispose();

    /// <summary>Fills a tensor. Tensors must come in checkpoint order for a seed to mean the same model.</summary>
    public void Fill(TensorHeader header, torch.Tensor tensor)
    {
        if (header.Name.EndsWith(".bias", StringComparison.Ordinal))
            tensor.zero_();
        else if (header.Shape.Count == 1)
            tensor.fill_(TorchScalars.One);
        else
            tensor.normal_(0, Deviation, _generator);
    }
}
