using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Abstractions;

/// <summary>A model from named tensors to named tensors, such as an image classifier, a text encoder or any ONNX graph.</summary>
public interface ITensorModel : ICompressibleModel
{
    /// <summary>What <see cref="Forward"/> needs, in the model's order.</summary>
    IReadOnlyList<TensorPort> Inputs { get; }

    /// <summary>What <see cref="Forward"/> gives, in the model's order.</summary>
    IReadOnlyList<TensorPort> Outputs { get; }

    /// <summary>
    /// Makes the inputs of one batch from samples: images are resized and normalized, texts tokenized and padded, tensors stacked, as this model wants
    /// them. Of several texts of a sample it takes the first. Called on several threads at once, also while <see cref="Forward"/> runs.
    /// </summary>
    /// <param name="samples">At least one.</param>
    /// <returns>A tensor for each of <see cref="Inputs"/>, outside of any dispose scope. Whoever called disposes of them.</returns>
    /// <exception cref="InvalidInputException">The samples lack what an input needs, or the model does not say how to make it.</exception>
    IReadOnlyDictionary<string, torch.Tensor> Encode(IReadOnlyList<Sample> samples);

    /// <summary>Computes with <see cref="WeightSite.Current"/> of each site; with gradients if the model has any and <c>torch.no_grad</c> is not on.</summary>
    /// <param name="inputs">A tensor for each of <see cref="Inputs"/>, batch first.</param>
    /// <returns>A tensor for each of <see cref="Outputs"/>, which belong to the current dispose scope.</returns>
    /// <exception cref="InvalidInputException">An input is missing, or its type or shape is not the model's.</exception>
    IReadOnlyDictionary<string, torch.Tensor> Forward(IReadOnlyDictionary<string, torch.Tensor> inputs);
}

/// <summary>One input or output of an <see cref="ITensorModel"/>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Shape">Its dimensions, batch first; -1 for one that is known only at run time.</param>
public sealed record TensorPort(string Name, torch.ScalarType Type, IReadOnlyList<long> Shape);
