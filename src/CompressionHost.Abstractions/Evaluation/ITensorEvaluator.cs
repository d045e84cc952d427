using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Abstractions;

/// <summary>Measures a model of named tensors (<see cref="ITensorModel"/>) on a data set, alone or against its teacher.</summary>
public interface ITensorEvaluator : IEvaluator
{
    /// <summary>Whether it compares with a teacher. A recipe that names such an evaluator and no teacher is refused.</summary>
    bool NeedsTeacher { get; }

    /// <summary>Measures. Gradients are off; what is computed belongs into a dispose scope of its own for each batch.</summary>
    /// <param name="evaluation">The model, its teacher and the data.</param>
    /// <param name="cancellationToken">Ends the evaluation early.</param>
    /// <exception cref="InvalidInputException">The data or the model does not fit, nothing can be read, or an output is not finite.</exception>
    EvaluationResult Evaluate(TensorEvaluation evaluation, CancellationToken cancellationToken = default);

    /// <inheritdoc/>
    EvaluationResult IEvaluator.Evaluate(IImageTextSession session, IDataSet data, IEnumerable<ImageBatch> images, CancellationToken cancellationToken) =>
        throw new InvalidInputException("this evaluator measures named tensors and not the encoders of an image-text session; use it in a recipe.");
}

/// <summary>What an <see cref="ITensorEvaluator"/> measures.</summary>
/// <param name="Model">The model.</param>
/// <param name="Teacher">The full-precision reference; the model itself where that is measured; null without one.</param>
/// <param name="Data">The data set.</param>
/// <param name="Batches">Every readable sample of it once, in order, as the model's inputs. Enumerate it once and dispose of each batch.</param>
public sealed record TensorEvaluation(ITensorModel Model, ITensorModel? Teacher, IDataSet Data, IEnumerable<TensorBatch> Batches);

/// <summary>Samples as the inputs of an <see cref="ITensorModel"/>.</summary>
public sealed class TensorBatch : IDisposable
{
    /// <param name="inputs">See <see cref="ITensorModel.Encode"/>; become the batch's.</param>
    /// <param name="samples">The samples, in the order of the inputs' first dimension.</param>
    public TensorBatch(IReadOnlyDictionary<string, torch.Tensor> inputs, IReadOnlyList<Sample> samples)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(samples);
        (Inputs, Samples) = (inputs, samples);
    }

    /// <summary>A tensor for each input of the model.</summary>
    public IReadOnlyDictionary<string, torch.Tensor> Inputs { get; }

    /// <summary>The samples.</summary>
    public IReadOnlyList<Sample> Samples { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Inputs.Values)
            tensor.Dispose();
    }
}
