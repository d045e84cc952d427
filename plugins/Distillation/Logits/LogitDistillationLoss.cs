using CompressionHost.Abstractions;
using TorchSharp;
using static TorchSharp.torch.nn.functional;

namespace CompressionHost.Plugins.Distillation;

/// <summary>
/// T^2 KL(softmax(t / T) || softmax(s / T)), the mean over the batch (Hinton et al., arXiv 1503.02531, section 2, whose cross entropy with soft targets it is but for
/// the teacher's entropy; T^2 keeps the gradients' size). 0 where the logits agree.
/// </summary>
public sealed class LogitDistillationLoss : ITensorLoss
{
    private const string Name = "logit-kl";

    private readonly LogitDistillationOptions _options;

    /// <param name="options">The output and the temperature.</param>
    public LogitDistillationLoss(LogitDistillationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <inheritdoc/>
    public bool NeedsTeacher => true;

    /// <inheritdoc/>
    public bool NeedsLabels => false;

    /// <inheritdoc/>
    public torch.Tensor Compute(TensorLossInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var teacher = LogProbabilities(NamedOutputs.Teacher(inputs, _options.Output, Name));
        var student = LogProbabilities(NamedOutputs.Student(inputs, _options.Output, Name));
        var divergence = teacher.exp().mul(teacher.sub(student)).sum(-1).mean();
        return divergence.mul(TorchScalars.Of(_options.Temperature * _options.Temperature));
    }

    private torch.Tensor LogProbabilities(torch.Tensor logits) => log_softmax(logits.mul(TorchScalars.Of(1 / _options.Temperature)), -1);
}
