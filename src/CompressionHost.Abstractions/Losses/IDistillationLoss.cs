using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Abstractions;

/// <summary>A term of the training objective: teacher and student outputs of one batch to one scalar.</summary>
public interface IDistillationLoss
{
    /// <summary>Whether <see cref="Compute"/> reads the teacher's outputs.</summary>
    bool NeedsTeacher { get; }

    /// <summary>Called once before training. A loss with parameters of its own (a projection between widths) makes them here.</summary>
    /// <param name="studentWidth">Size of the student's embeddings.</param>
    /// <param name="teacherWidth">Size of the teacher's embeddings; equal to the student's without a teacher.</param>
    /// <param name="seed">Seed of initial values.</param>
    /// <returns>Parameters to train beside the student's, with stable names; usually none.</returns>
    IReadOnlyList<(string Name, Parameter Value)> Initialize(int studentWidth, int teacherWidth, long seed);

    /// <summary>The loss of one batch, a scalar with gradients to the student's tensors.</summary>
    torch.Tensor Compute(LossInputs inputs);
}

/// <summary>The outputs of one batch of B image-text pairs. Embeddings are L2-normalized float32 [B, width].</summary>
/// <param name="StudentImages">Image embeddings of the student.</param>
/// <param name="StudentTexts">Text embeddings of the student.</param>
/// <param name="StudentLogitScale">Logit scale of the student (a scalar, not its logarithm).</param>
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
