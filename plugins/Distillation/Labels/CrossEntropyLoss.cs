using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;
using static TorchSharp.torch.nn.functional;

namespace CompressionHost.Plugins.Distillation;

/// <summary>
/// The mean of -sum_c q_c log softmax(z)_c over the batch, where q puts 1 - smoothing on the label and spreads the rest over all classes (Szegedy et al., arXiv
/// 1512.00567, section 7).
/// </summary>
public sealed class CrossEntropyLoss : ITensorLoss
{
    private const string Name = "cross-entropy";

    private readonly CrossEntropyOptions _options;

    /// <param name="options">The output, and how targets are smoothed.</param>
    public CrossEntropyLoss(CrossEntropyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <inheritdoc/>
    public bool NeedsTeacher => false;

    /// <inheritdoc/>
    public bool NeedsLabels => true;

    /// <inheritdoc/>
    public torch.Tensor Compute(TensorLossInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var (logits, labels) = (NamedOutputs.Student(inputs, _options.Output, Name), NamedOutputs.Labels(inputs, Name));
        if (logits.dim() != 2 || labels.max().item<long>() >= logits.shape[1])
            throw new InvalidInputException($"'{Name}' wants logits [batch, classes] with a class for every label; '{_options.Output}' is [{string.Join(", ", logits.shape)}] and the labels go up to {labels.max().item<long>()}.");
        var logProbabilities = log_softmax(logits, 1);
        var ofLabel = logProbabilities.gather(1, labels.unsqueeze(1)).mean();
        var ofAll = logProbabilities.mean();
        return ofLabel.mul(TorchScalars.Of(_options.Smoothing - 1)).add(ofAll.mul(TorchScalars.Of(-_options.Smoothing)), TorchScalars.One);
    }
}
