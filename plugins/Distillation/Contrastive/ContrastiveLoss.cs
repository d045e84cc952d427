using CompressionHost.Abstractions;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Plugins.Distillation;

/// <summary>
/// CLIP's own objective (Radford et al., arXiv 2103.00020, figure 3): the mean of the cross entropies of image to text and of text to image
/// over logits scale * I T^T. With <c>positives: same-text</c> the target of a row is spread evenly over all texts equal to its own
/// (UniCL, Yang et al., arXiv 2204.03610, equations 2 to 4, halved like CLIP's). Needs no teacher.
/// </summary>
public sealed class ContrastiveLoss : IDistillationLoss
{
    private readonly bool _sameText;

    /// <param name="options">Which pairs belong together.</param>
    /// <exception cref="ArgumentOutOfRangeException">Its positives are neither <c>paired</c> nor <c>same-text</c>.</exception>
    public ContrastiveLoss(ContrastiveOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Positives is not (ContrastiveOptions.Paired or ContrastiveOptions.SameText))
            throw new ArgumentOutOfRangeException(nameof(options), options.Positives, "positives is 'paired' or 'same-text'.");
        _sameText = options.Positives == ContrastiveOptions.SameText;
    }

    /// <inheritdoc/>
    public bool NeedsTeacher => false;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Parameter Value)> Initialize(int studentWidth, int teacherWidth, long seed) => [];

    /// <inheritdoc/>
    public torch.Tensor Compute(LossInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var logits = Similarities.Logits(inputs.StudentImages, inputs.StudentTexts, inputs.StudentLogitScale);
        return _sameText ? SameTextCrossEntropy(logits, inputs.TextIds) : Similarities.PairedCrossEntropy(logits, logits.t());
    }

    // Equality is symmetric, so the targets of text to image are those of image to text.
    private static torch.Tensor SameTextCrossEntropy(torch.Tensor logits, torch.Tensor textIds)
    {
        var same = textIds.unsqueeze(0).eq(textIds.unsqueeze(1)).to(torch.ScalarType.Float32);
        var targets = same / same.sum(1, keepdim: true);
        var logProbabilities = torch.nn.functional.log_softmax(logits, 1).add(torch.nn.functional.log_softmax(logits, 0).t(), TorchScalars.One);
        return (targets * logProbabilities).sum().mul(TorchScalars.Of(-0.5 / logits.shape[0]));
    }
}
