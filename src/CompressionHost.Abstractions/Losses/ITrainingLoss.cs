namespace CompressionHost.Abstractions;

/// <summary>
/// A term of the training objective: an <see cref="IDistillationLoss"/> for models with an image and a text encoder, an <see cref="ITensorLoss"/> for models of
/// named tensors.
/// </summary>
public interface ITrainingLoss
{
    /// <summary>Whether it needs the teacher's outputs. A recipe that names such a loss and no teacher is refused.</summary>
    bool NeedsTeacher { get; }
}
