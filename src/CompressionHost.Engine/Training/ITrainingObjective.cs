using CompressionHost.Abstractions;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Engine;

/// <summary>What a trainer minimizes: batches of data, what a model and perhaps its teacher make of them, and the terms of the loss.</summary>
internal interface ITrainingObjective
{
    /// <summary>The model that is trained.</summary>
    ICompressibleModel Student { get; }

    /// <summary>Parameters of the losses' own, under names that stay the same from run to run.</summary>
    IReadOnlyList<(string Name, Parameter Value)> LossParameters { get; }

    /// <summary>Type the matrix products of student and teacher compute in.</summary>
    torch.ScalarType ComputeType { set; }

    /// <summary>The samples that could not be read so far.</summary>
    BrokenSamples Broken { get; }

    /// <summary>Batches without end. Batch k depends on the seed, k and the data only.</summary>
    /// <param name="startStep">The step of the first batch, from 0.</param>
    /// <param name="cancellationToken">Ends the enumeration early.</param>
    IEnumerable<LossOfBatch> Batches(int startStep, CancellationToken cancellationToken);

    /// <summary>Called after each update of the weights.</summary>
    void AfterStep();
}

/// <summary>Computes the terms of the loss on one batch. Called once, before the next batch is asked for; its tensors belong to the current dispose scope.</summary>
internal delegate IEnumerable<LossTerm> LossOfBatch();

/// <summary>A term of the loss.</summary>
/// <param name="Name">Its stage name.</param>
/// <param name="Weight">Factor on its value.</param>
/// <param name="Value">float32 scalar with gradients.</param>
internal readonly record struct LossTerm(string Name, double Weight, torch.Tensor Value);
