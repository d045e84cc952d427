using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Abstractions;

/// <summary>A term of the objective of an image-text model: embeddings of student and teacher of one batch to one scalar.</summary>
public interface IDistillationLoss : ITrainingLoss
{
    /// <summary>Called once before training. A loss with parameters of its own (a projection between widths) makes them here.</summary>
    /// <param name="studentWidth">Size of the student's embeddings.</param>
    /// <param name="teacherWidth">Size of the teacher's embeddings; equal to the student's without a teacher.</param>
    /// <param name="seed">Seed of initial values; the same seed gives the same values.</param>
    /// <returns>Parameters to train beside the student's, under different names that stay the same from run to run, since checkpoints keep them; usually none.</returns>
    IReadOnlyList<(string Name, Parameter Value)> Initialize(int studentWidth, int teacherWidth, long seed);

    /// <summary>The loss of one batch. The engine multiplies it by the recipe's weight and adds up the terms.</summary>
    /// <param name="inputs">Outputs of the models; not to be written to or kept.</param>
    /// <returns>float32 of shape [], with gradients to the student's tensors. NaN or infinity ends the run.</returns>
    torch.Tensor Compute(LossInputs inputs);
}

/// <summary>
/// The outputs of one batch of B image-text pairs; row i of images and row i of texts belong together. Embeddings are L2-normalized
/// float32 [B, width], logit scales float32 scalars.
/// </summary>
/// <param name="StudentImages">Image embeddings of the student.</param>
/// <param name="StudentTexts">Text embeddings of the student.</param>
/// <param name="StudentLogitScale">Logit scale of the student (not its logarithm).</param>
/// <param name="TeacherImages">Image embeddings of the teacher; null without one. No gradients.</param>
/// <param name="TeacherTexts">Text embeddings of the teacher; null without one.</param>
/// <param name="TeacherLogitScale">Logit scale of the teacher; null without one.</param>
/// <param name="TextIds">int64 [B]; equal ids mean equal texts, so that a loss can tell a duplicate from a negative.</param>
public sealed record LossInputs(
    torch.Tensor StudentImages,
    torch.Tensor StudentTexts,
    torch.Tensor StudentLogitScale,
    torch.Tensor? TeacherImages,
    torch.Tensor? TeacherTexts,
    torch.Tensor? TeacherLogitScale,
    torch.Tensor TextIds);
