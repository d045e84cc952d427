using CompressionHost.Abstractions;
using CompressionHost.Recipes;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Engine;

/// <summary>
/// The objective of a model of named tensors: losses of its outputs, of the labels and of the outputs that the teacher gives for the same samples. The
/// teacher computes each batch as a whole: remembered rows would depend on the batch that they were first computed in.
/// </summary>
/// <param name="student">The model to train.</param>
/// <param name="teacher">The full-precision reference, or null.</param>
/// <param name="losses">Terms of the loss with their names and weights.</param>
/// <param name="loader">The training data.</param>
/// <param name="section">The recipe's section.</param>
/// <param name="seed">Seed of order and augmentation.</param>
internal sealed class TensorObjective(
    ITrainableTensorModel student, ITensorModel? teacher, IReadOnlyList<(string Name, ITensorLoss Loss, double Weight)> losses,
    TensorTrainingLoader loader, DistillSection section, long seed) : ITrainingObjective
{
    /// <inheritdoc/>
    public ICompressibleModel Student => student;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Parameter Value)> LossParameters => [];

    /// <inheritdoc/>
    public torch.ScalarType ComputeType
    {
        set
        {
            student.ComputeType = value;
            if (teacher is ITrainableTensorModel trainable)
                trainable.ComputeType = value;
        }
    }

    /// <inheritdoc/>
    public BrokenSamples Broken => loader.Broken;

    /// <inheritdoc/>
    public IEnumerable<LossOfBatch> Batches(int startStep, CancellationToken cancellationToken)
    {
        foreach (var batch in loader.Shuffled(section.Batch, seed, section.Augment, startStep, cancellationToken))
        {
            using var _ = batch;
            yield return () => Losses(batch);
        }
    }

    /// <inheritdoc/>
    public void AfterStep()
    {
        // No parameter of such a model is bounded.
    }

    private IEnumerable<LossTerm> Losses(TensorTrainingBatch batch)
    {
        var inputs = new TensorLossInputs(batch.Inputs, student.Forward(batch.Inputs), Reference(batch), batch.Labels);
        return losses.Select(l => new LossTerm(l.Name, l.Weight, l.Loss.Compute(inputs)));
    }

    private IReadOnlyDictionary<string, torch.Tensor>? Reference(TensorTrainingBatch batch)
    {
        using var _ = torch.no_grad();
        return teacher?.Forward(batch.TeacherInputs);
    }
}
