using CompressionHost.Abstractions;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Plugins.Distillation;

/// <summary>
/// Feature distillation (CLIP-KD, arXiv 2307.12732, section 3.2.2): the mean squared error between the student's and the teacher's normalized embeddings, of
/// images plus of texts, each a mean over batch and width. Such a mean is small, at most 4 / width, hence weights like 2000. Where the widths differ the
/// student's embeddings pass a learned linear projection first. 0 where the embeddings agree.
/// </summary>
public sealed class FeatureLoss : IDistillationLoss
{
    private readonly WidthProjection _projection = new();

    /// <param name="options">None.</param>
    public FeatureLoss(FeatureOptions options) => ArgumentNullException.ThrowIfNull(options);

    /// <inheritdoc/>
    public bool NeedsTeacher => true;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Parameter Value)> Initialize(int studentWidth, int teacherWidth, long seed) =>
        _projection.Initialize(studentWidth, teacherWidth, seed);

    /// <inheritdoc/>
    public torch.Tensor Compute(LossInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var (teacherImages, teacherTexts, _) = Similarities.Teacher(inputs, "fd");
        var (images, texts) = _projection.Project(inputs.StudentImages, inputs.StudentTexts, teacherImages.shape[1]);
        return torch.nn.functional.mse_loss(images, teacherImages).add(torch.nn.functional.mse_loss(texts, teacherTexts), TorchScalars.One);
    }
}
