using TorchSharp;

namespace CompressionHost.Engine;

/// <summary>One step's samples as the inputs of a model of named tensors.</summary>
/// <param name="Inputs">What the student reads.</param>
/// <param name="TeacherInputs">What the teacher reads; the same where it wants the same.</param>
/// <param name="Labels">int64 [batch]; null where a sample has none.</param>
internal sealed record TensorTrainingBatch(
    IReadOnlyDictionary<string, torch.Tensor> Inputs, IReadOnlyDictionary<string, torch.Tensor> TeacherInputs, torch.Tensor? Labels) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in ReferenceEquals(Inputs, TeacherInputs) ? Inputs.Values : Inputs.Values.Concat(TeacherInputs.Values))
            tensor.Dispose();
        Labels?.Dispose();
    }
}
