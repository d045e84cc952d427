using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Models;

/// <summary>Turns a compressed model back into one that TorchSharp computes.</summary>
internal static class CompressedClip
{
    public static ClipModel Load(CompressedModel model)
    {
        if (model.Architecture != ClipLayout.Architecture)
            throw new InvalidInputException($"The package holds a model of architecture '{model.Architecture}'; only '{ClipLayout.Architecture}' is supported.");
        if (!model.Assets.TryGetValue("config.json", out var json))
            throw new InvalidInputException("The package has no config.json.");
        var config = ClipConfig.FromHuggingFace(json, "config.json of the package");
        var expected = ClipHeaders.Of(config).ToDictionary(t => t.Name, StringComparer.Ordinal);
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
        return ClipModel.Create(config, model.Assets, (header, values) => Fill(tensors[header.Name], values));
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
