using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Abstractions;

/// <summary>A term of the objective of a model of named tensors (<see cref="ITrainableTensorModel"/>): outputs of student and teacher of one batch to one scalar.</summary>
public interface ITensorLoss : ITrainingLoss
{
    /// <summary>Whether it needs labels. A recipe that trains on data without labels is refused.</summary>
    bool NeedsLabels { get; }

    /// <summary>The loss of one batch. The engine multiplies it by the recipe's weight and adds up the terms.</summary>
    /// <param name="inputs">Outputs of the models; not to be written to or kept.</param>
    /// <returns>float32 of shape [], with gradients to the student's outputs. NaN or infinity ends the run.</returns>
    /// <exception cref="InvalidInputException">The models lack an output it compares, or outputs and labels do not fit each other.</exception>
    torch.Tensor Compute(TensorLossInputs inputs);
}

/// <summary>What the models made of one batch of B samples.</summary>
/// <param name="Inputs">What the student was given, by name.</param>
/// <param name="Student">Outputs of the student, by name.</param>
/// <param name="Teacher">Outputs of the teacher for the same samples; null without one. No gradients.</param>
/// <param name="Labels">int64 [B]; null where the samples have none.</param>
public sealed record TensorLossInputs(
    IReadOnlyDictionary<string, torch.Tensor> Inputs,
    IReadOnlyDictionary<string, torch.Tensor> Student,
    IReadOnlyDictionary<string, torch.Tensor>? Teacher,
    torch.Tensor? Labels);
