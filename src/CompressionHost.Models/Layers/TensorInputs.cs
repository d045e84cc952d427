using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Models;

/// <summary>Checks of the inputs that a model of named tensors is given.</summary>
internal static class TensorInputs
{
    /// <summary>An input by name.</summary>
    /// <exception cref="InvalidInputException">It is missing.</exception>
    public static torch.Tensor Require(IReadOnlyDictionary<string, torch.Tensor> inputs, string name) => inputs.TryGetValue(name, out var tensor)
        ? tensor
        : throw new InvalidInputException($"The input '{name}' is missing; there are {string.Join(", ", inputs.Keys.Select(k => $"'{k}'"))}.");

    /// <summary>Computes; an argument of the wrong type or shape is an input that is not the model's.</summary>
    /// <exception cref="InvalidInputException">The computation refused its argument.</exception>
    public static torch.Tensor Compute(Func<torch.Tensor> forward)
    {
        try
        {
            return forward();
        }
        catch (ArgumentException e)
        {
            throw new InvalidInputException(e.Message, null, e);
        }
    }
}
