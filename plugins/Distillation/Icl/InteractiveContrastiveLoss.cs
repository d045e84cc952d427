using CompressionHost.Abstractions;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Plugins.Distillation;

/// <summary>
/// Interactive contrastive learning (CLIP-KD, arXiv 2307.12732, section 3.2.4): the contrastive loss across the models, the mean of the cross entropies of the
/// student's images against the teacher's texts and of the student's texts against the teacher's images. Its temperature is learned: the logarithm of its
/// scale begins at log(1 / 0.07), as CLIP's, and the scale is at most 100. Where the widths differ the student's embeddings pass a learned linear projection.
/// </summary>
public sealed class InteractiveContrastiveLoss : IDistillationLoss
{
    private const double InitialScale = 1 / 0.07;
    private const double MaxScale = 100;

    private readonly WidthProjection _projection = new();
    private Parameter? _logScale;

    /// <param name="options">None.</param>
    public InteractiveContrastiveLoss(InteractiveContrastiveOptions options) => ArgumentNullException.ThrowIfNull(options);

    /// <inheritdoc/>
    public bool NeedsTeacher => true;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Parameter Value)> Initialize(int studentWidth, int teacherWidth, long seed)
    {
        _logScale = Trainable.Create(() => torch.tensor((float)Math.Log(InitialScale)));
        return [("logit_scale", _logScale), .. _projection.Initialize(studentWidth, teacherWidth, seed)];
    }

    /// <inheritdoc/>
    public torch.Tensor Compute(LossInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (_logScale is null)
            throw new InvalidOperationException("Call Initialize before Compute.");
        var (teacherImages, teacherTexts, _) = Similarities.Teacher(inputs, "icl");
        var (images, texts) = _projection.Project(inputs.StudentImages, inputs.StudentTexts, teacherImages.shape[1]);
        var scale = _logScale.exp().clamp(max: TorchScalars.Of(MaxScale));
        return Similarities.PairedCrossEntropy(Similarities.Logits(images, teacherTexts, scale), Similarities.Logits(texts, teacherImages, scale));
    }
}
