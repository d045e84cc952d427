using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Onnx;

/// <summary>A model that was loaded from ONNX, packed as ONNX.</summary>
internal static class GraphModel
{
    /// <summary>The file as a plan knows it; its values cannot be written.</summary>
    /// <exception cref="InvalidInputException">The graph is malformed, or the tensors are not its own.</exception>
    public static IReadOnlyList<(string File, OnnxModelWriter Model)> Plan(
        IReadOnlyList<PlannedTensor> tensors, IReadOnlyDictionary<string, byte[]> assets, OnnxPackerOptions options)
    {
        var planned = tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
        return Models(assets, options, weight =>
        {
            var tensor = planned.GetValueOrDefault(weight.Name) ?? throw Missing(weight);
            return new PackedWeight(weight, tensor.Scheme, tensor.GroupSize, () => throw new InvalidOperationException("A plan has no values."));
        });
    }

    /// <summary>The file.</summary>
    /// <inheritdoc cref="Plan" path="/exception"/>
    public static IReadOnlyList<(string File, OnnxModelWriter Model)> Models(CompressedModel model, OnnxPackerOptions options, CancellationToken cancellationToken)
    {
        var tensors = model.Tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
        return Models(model.Assets, options, weight =>
        {
            var tensor = tensors.GetValueOrDefault(weight.Name) ?? throw Missing(weight);
            if (!tensor.Shape.SequenceEqual(weight.Shape))
                throw new InvalidInputException($"'{weight.Name}' has shape {TensorPorts.Text(tensor.Shape)}, and {TensorPorts.Text(weight.Shape)} in the graph.");
            return new PackedWeight(weight, tensor.Quantized?.Scheme, tensor.Quantized?.GroupSize ?? 0, () =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                return tensor;
            });
        });
    }

    private static List<(string File, OnnxModelWriter Model)> Models(IReadOnlyDictionary<string, byte[]> assets, OnnxPackerOptions options, Func<GraphWeight, PackedWeight> packed)
    {
        var (scan, parameters) = OnnxGraphs.OpenAsset(assets[OnnxGraphs.Asset]);
        return [(OnnxFolder.Model, GraphPacker.Pack(scan, [.. parameters.Select(packed)], options))];
    }

    private static InvalidInputException Missing(GraphWeight weight) => new($"The model lacks the tensor '{weight.Name}' of its graph.");
}
