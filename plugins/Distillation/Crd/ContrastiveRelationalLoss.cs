using CompressionHost.Abstractions;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Plugins.Distillation;

/// <summary>
/// Contrastive relational distillation (CLIP-KD, Yang et al., arXiv 2307.12732, section 3.2.1): the student shall spread a batch's texts over an image, and
/// its images over a text, as the teacher does: 0.5 (KL(p_t || p_s) image to text + the same text to image), each a mean over the batch and each model with
/// its own logit scale. Widths may differ. 0 where student and teacher agree.
/// </summary>
public sealed class ContrastiveRelationalLoss : IDistillationLoss
{
    /// <param name="options">None.</param>
    public ContrastiveRelationalLoss(ContrastiveRelationalOptions options) => ArgumentNullException.ThrowIfNull(options);

    /// <inheritdoc/>
    public bool NeedsTeacher => true;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Parameter Value)> Initialize(int studentWidth, int teacherWidth, long seed) => [];

    /// <inheritdoc/>
    public torch.Tensor Compute(LossInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var (images, texts, scale) = Similarities.Teacher(inputs, "crd");
        var teacher = Similarities.Logits(images, texts, scale);
        var student = Similarities.Logits(inputs.StudentImages, inputs.StudentTexts, inputs.StudentLogitScale);
        return Divergence(teacher, student, 1).add(Divergence(teacher, student, 0), TorchScalars.One).mul(TorchScalars.Of(0.5 / student.shape[0]));
    }

    // Both sides as logarithms: kl_div of TorchSharp takes its target for one unless told otherwise, and a probability of 0 stays harmless.
    private static torch.Tensor Divergence(torch.Tensor teacher, torch.Tensor student, long dimension) => torch.nn.functional.kl_div(
        torch.nn.functional.log_softmax(student, dimension),
        torch.nn.functional.log_softmax(teacher, dimension),
        log_target: true,
        reduction: torch.nn.Reduction.Sum);
}
