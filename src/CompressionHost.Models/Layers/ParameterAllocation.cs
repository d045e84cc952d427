using System.Runtime.InteropServices;
using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Models;

/// <summary>Makes the parameters of a model.</summary>
internal static class ParameterAllocation
{
    private const long LargestTensor = int.MaxValue / sizeof(float);

    /// <summary>One float32 parameter for each tensor, filled as it is made.</summary>
    /// <exception cref="InvalidInputException">A tensor is too large.</exception>
    public static Parameter[] Make(IReadOnlyList<TensorHeader> headers, Action<TensorHeader, torch.Tensor> fill)
    {
        using var noGradients = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var parameters = new List<Parameter>();
        foreach (var header in headers)
        {
            if (header.Count > LargestTensor)
                throw new InvalidInputException($"'{header.Name}' has {header.Count} values; more than {LargestTensor} in one tensor are not supported.");
            var tensor = torch.empty([.. header.Shape], dtype: torch.ScalarType.Float32);
            fill(header, tensor);
            parameters.Add(new Parameter(tensor, requires_grad: true));
        }
        // Only now, so that whatever throws above frees them all.
        foreach (var parameter in parameters)
            parameter.DetachFromDisposeScope();
        return [.. parameters];
    }

    /// <summary>The same for values that are written into memory.</summary>
    public static Parameter[] Make(IReadOnlyList<TensorHeader> headers, TensorFiller fill) =>
        Make(headers, (header, tensor) => fill(header, MemoryMarshal.Cast<byte, float>(tensor.bytes)));

    /// <summary>Copies of a model's parameters, which are in the order of the headers.</summary>
    public static Parameter[] Copy(IReadOnlyList<TensorHeader> headers, IReadOnlyList<(string Name, Parameter Value)> parameters)
    {
        var i = 0;
        return Make(headers, (_, tensor) => tensor.copy_(parameters[i++].Value));
    }
}
