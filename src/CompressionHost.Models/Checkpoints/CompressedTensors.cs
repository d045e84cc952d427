using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Models;

/// <summary>The tensors of a package, for a model that TorchSharp computes.</summary>
internal static class CompressedTensors
{
    /// <summary>How messages name the configuration.</summary>
    public const string ConfigPlace = "config.json of the package";

    /// <summary>The configuration of a package.</summary>
    /// <exception cref="InvalidInputException">It holds another architecture, or lacks the file.</exception>
    public static byte[] Config(CompressedModel model, string architecture)
    {
        if (model.Architecture != architecture)
            throw new InvalidInputException($"The package holds a model of architecture '{model.Architecture}'; only '{architecture}' is supported.");
        return model.Assets.TryGetValue(ClipAssets.Config, out var json) ? json : throw new InvalidInputException("The package has no config.json.");
    }

    /// <summary>Checks that the package has these tensors and no others, and gives what fills a model with them.</summary>
    /// <exception cref="InvalidInputException">A tensor is missing, unknown, there twice or of another shape.</exception>
    public static TensorFiller Filler(CompressedModel model, IReadOnlyList<TensorHeader> headers)
    {
        var expected = headers.ToDictionary(t => t.Name, StringComparer.Ordinal);
        var tensors = new Dictionary<string, CompressedTensor>(StringComparer.Ordinal);
        foreach (var tensor in model.Tensors)
        {
            if (!expected.TryGetValue(tensor.Name, out var header))
                throw new InvalidInputException($"The package has a tensor '{tensor.Name}' that its configuration does not know.");
            if (!tensor.Shape.SequenceEqual(header.Shape))
                throw new InvalidInputException($"'{tensor.Name}' has shape {Text(tensor.Shape)} in the package and {Text(header.Shape)} by its configuration.");
            if (!tensors.TryAdd(tensor.Name, tensor))
                throw new InvalidInputException($"The package has the tensor '{tensor.Name}' twice.");
        }
        if (expected.Keys.FirstOrDefault(name => !tensors.ContainsKey(name)) is { } missing)
            throw new InvalidInputException($"The package lacks the tensor '{missing}'.");
        return (header, values) => Fill(tensors[header.Name], values);
    }

    private static void Fill(CompressedTensor tensor, Span<float> values)
    {
        if (tensor.Quantized is { } quantized)
            quantized.Dequantize(values);
        else
            HalfFloats.Widen(tensor.Dense!, values);
        // Codes and scales are finite by construction; dense values are whatever the file held.
        if (FiniteScan.IndexOfNonFinite(values) is var at and >= 0)
            throw new InvalidInputException($"'{tensor.Name}' has {(float.IsNaN(values[at]) ? "NaN" : "an infinite value")} at index {at} in the package.");
    }

    private static string Text(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";
}
