using CompressionHost.Abstractions;
using CompressionHost.Inference;
using TorchSharp;

namespace CompressionHost.Models;

/// <summary>
/// Initial weights of a new model: the deviations of OpenAI's implementation (Radford et al., arXiv 2103.00020), in both towers.
/// Projections into the residual stream shrink with the depth, so that its variance does not grow with it.
/// </summary>
internal sealed class ClipInitializer : IDisposable
{
    /// <summary>ln(1 / 0.07), the temperature that training starts from.</summary>
    private const float LogitScale = 2.6592f;

    private readonly ClipConfig _config;
    private readonly torch.Generator _generator;

    public ClipInitializer(ClipConfig config, long seed)
    {
        _config = config;
        _generator = new torch.Generator((ulong)seed);
    }

    public void Dispose() => _generator.Dispose();

    /// <summary>Fills a tensor. Tensors must come in checkpoint order for a seed to mean the same model.</summary>
    public void Fill(TensorHeader header, torch.Tensor tensor)
    {
        var name = header.Name;
        var vision = name.StartsWith("vis", StringComparison.Ordinal);
        var width = vision ? _config.Vision.Width : _config.Text.Width;
        var residual = 1 / Math.Sqrt(2.0 * (vision ? _config.Vision.Depth : _config.Text.Depth));
        var scale = 1 / Math.Sqrt(width);
        if (name == ClipLayout.LogitScale)
            tensor.fill_(TorchScalars.Of(LogitScale));
        else if (name.EndsWith(".bias", StringComparison.Ordinal))
            tensor.zero_();
        else if (name.Contains("norm", StringComparison.Ordinal) || name.Contains("layrnorm", StringComparison.Ordinal))
            tensor.fill_(TorchScalars.One);
        else
            Normal(tensor, name switch
            {
                ClipLayout.TokenEmbedding => 0.02,
                ClipLayout.TextPositions => 0.01,
                // The deviation of PyTorch's default for a convolution, uniform within 1 / sqrt(inputs).
                ClipLayout.PatchEmbedding => 1 / Math.Sqrt(3.0 * header.Count / width),
                _ when name.EndsWith("out_proj.weight", StringComparison.Ordinal) || name.EndsWith("fc2.weight", StringComparison.Ordinal) => scale * residual,
                _ when name.EndsWith("fc1.weight", StringComparison.Ordinal) => scale / Math.Sqrt(2),
                _ => scale,
            });
    }

    private void Normal(torch.Tensor tensor, double deviation) => tensor.normal_(0, deviation, _generator);
}
