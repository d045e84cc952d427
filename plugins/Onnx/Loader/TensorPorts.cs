using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using Microsoft.ML.OnnxRuntime.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Onnx;

/// <summary>Inputs and outputs of a graph, and types as ONNX, ONNX Runtime and TorchSharp call them.</summary>
internal static class TensorPorts
{
    private static readonly (OnnxElementType Onnx, TensorElementType Runtime, torch.ScalarType Torch)[] Types =
    [
        (OnnxElementType.Float, TensorElementType.Float, torch.ScalarType.Float32),
        (OnnxElementType.Float16, TensorElementType.Float16, torch.ScalarType.Float16),
        (OnnxElementType.BFloat16, TensorElementType.BFloat16, torch.ScalarType.BFloat16),
        (OnnxElementType.Double, TensorElementType.Double, torch.ScalarType.Float64),
        (OnnxElementType.Int64, TensorElementType.Int64, torch.ScalarType.Int64),
        (OnnxElementType.Int32, TensorElementType.Int32, torch.ScalarType.Int32),
        (OnnxElementType.Int16, TensorElementType.Int16, torch.ScalarType.Int16),
        (OnnxElementType.Int8, TensorElementType.Int8, torch.ScalarType.Int8),
        (OnnxElementType.UInt8, TensorElementType.UInt8, torch.ScalarType.Byte),
        (OnnxElementType.Bool, TensorElementType.Bool, torch.ScalarType.Bool),
    ];

    /// <summary>The inputs that are no constants.</summary>
    /// <exception cref="InvalidInputException">One is no tensor, or of a type that TorchSharp has not.</exception>
    public static IReadOnlyList<TensorPort> Inputs(OnnxFile file)
    {
        var constants = file.Tensors.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        return [.. file.Inputs.Where(i => !constants.Contains(i.Name)).Select(i => Port(file, i, "input"))];
    }

    /// <summary>The outputs.</summary>
    /// <exception cref="InvalidInputException">As <see cref="Inputs"/>.</exception>
    public static IReadOnlyList<TensorPort> Outputs(OnnxFile file) => [.. file.Outputs.Select(o => Port(file, o, "output"))];

    public static TensorElementType Runtime(torch.ScalarType type) => Types.First(t => t.Torch == type).Runtime;

    public static torch.ScalarType Torch(OnnxElementType type) => Types.First(t => t.Onnx == type).Torch;

    /// <summary>TorchSharp's type, or null where it has none.</summary>
    public static torch.ScalarType? Torch(TensorElementType type)
    {
        var at = Array.FindIndex(Types, t => t.Runtime == type);
        return at < 0 ? null : Types[at].Torch;
    }

    /// <summary>A shape in brackets, for messages.</summary>
    public static string Text(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";

    private static TensorPort Port(OnnxFile file, OnnxPort port, string what)
    {
        var at = Array.FindIndex(Types, t => t.Onnx == port.Type);
        return at >= 0
            ? new TensorPort(port.Name, Types[at].Torch, port.Shape ?? [])
            : throw new InvalidInputException($"{file.Path}: its {what} '{port.Name}' is no tensor of numbers that can be given or compared.", file.Path);
    }
}
