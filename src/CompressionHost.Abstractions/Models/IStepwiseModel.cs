using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Abstractions;

/// <summary>
/// A model whose forward pass can be taken step by step, such as block by block, so that calibration holds what goes into one step and
/// nothing else. Its layers tell <see cref="WeightSite.Observer"/> of their inputs.
/// </summary>
public interface IStepwiseModel : ICompressibleModel
{
    /// <summary>The ways through the model, one an encoder. Each site lies on at most one; a site on none is never shown inputs.</summary>
    IReadOnlyList<ForwardPath> ForwardPaths { get; }
}

/// <summary>One way through a model, from samples to its output.</summary>
/// <param name="Name">Such as <c>vision</c>.</param>
/// <param name="Inputs">
/// What a batch of samples puts into the first step: tensors that are each taken through all steps by themselves, so they need not have one shape. They belong
/// to the current dispose scope. No tensor has padding: what is observed of it would be taken for inputs.
/// </param>
/// <param name="Steps">The steps in order; the output of one is the input of the next.</param>
public sealed record ForwardPath(string Name, Func<CalibrationBatch, IEnumerable<torch.Tensor>> Inputs, IReadOnlyList<ForwardStep> Steps);

/// <summary>A part of a forward pass.</summary>
/// <param name="Name">Such as <c>block 3</c>.</param>
/// <param name="Forward">Input to output, which belongs to the current dispose scope. Called without gradients; may be called often.</param>
/// <param name="Groups">Its sites in the order of computation; those of one group multiply the same inputs.</param>
public sealed record ForwardStep(string Name, Func<torch.Tensor, torch.Tensor> Forward, IReadOnlyList<InputGroup> Groups);

/// <summary>Sites that multiply the same inputs.</summary>
/// <param name="Sites">The sites.</param>
/// <param name="Norm">The normalization whose output, and nobody else's, their inputs are; null where they come from anywhere else.</param>
public sealed record InputGroup(IReadOnlyList<WeightSite> Sites, NormParameters? Norm = null);

/// <summary>Gain and bias of a normalization over channels.</summary>
/// <param name="Weight">[width].</param>
/// <param name="Bias">[width].</param>
public sealed record NormParameters(Parameter Weight, Parameter Bias);

/// <summary>Samples that a model is calibrated on.</summary>
/// <param name="Samples">The samples, decoded.</param>
/// <param name="Texts">A text of each sample that has one: one of its captions, or a template with the name of its class.</param>
public sealed record CalibrationBatch(IReadOnlyList<Sample> Samples, IReadOnlyList<string> Texts);
