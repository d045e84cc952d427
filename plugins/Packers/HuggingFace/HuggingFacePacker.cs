using System.Text.Json.Nodes;
using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Packers;

/// <summary>
/// Writes a Hugging Face folder: <c>model.safetensors</c>, <c>config.json</c> and the other assets. Dequantized, transformers loads it as it is, and it shows, in any
/// other program, what the compressed model computes; it is as large as a dense one. In the compressed-tensors convention codes and scales are
/// kept. Position ids are left out: transformers makes them itself.
/// </summary>
public sealed class HuggingFacePacker : IPacker
{
    private readonly HuggingFacePackerOptions _options;

    /// <summary>Makes the packer.</summary>
    /// <param name="options">Bound from the recipe.</param>
    public HuggingFacePacker(HuggingFacePackerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <inheritdoc/>
    /// <remarks>Exact.</remarks>
    /// <exception cref="InvalidInputException">The compressed-tensors convention has no place for a weight.</exception>
    public long EstimateBytes(IReadOnlyList<PlannedTensor> tensors, IReadOnlyDictionary<string, byte[]> assets)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(assets);
        var folder = Lay(tensors);
        return HuggingFaceFolder.FileBytes([.. folder.Stored.Select(s => s.Heading)], assets, folder.Type, Quantization(folder));
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidInputException">
    /// A weight is beyond the range of float16 and <c>type: float16</c> was asked for, config.json is not a JSON object, or the compressed-tensors convention has no
    /// place for a weight.
    /// </exception>
    public IReadOnlyList<string> Pack(CompressedModel model, string directory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(directory);
        var laid = Lay([.. model.Tensors.Select(t => new PlannedTensor(t.Name, t.Shape, t.Quantized?.Scheme, t.Quantized?.GroupSize ?? 0))]);
        return HuggingFaceFolder.Write(
            directory,
            [.. laid.Stored.Select(s => s.Heading)],
            (i, stream) =>
            {
                var (_, tensor, part, packed) = laid.Stored[i];
                if (packed is null)
                    DenseValues.Write(model.Tensors[tensor], laid.Type, stream, cancellationToken);
                else
                    CompressedTensorsValues.Write(part, packed, model.Tensors[tensor].Quantized!, stream, cancellationToken);
            },
            model.Assets,
            laid.Type,
            Quantization(laid));
    }

    private Layout Lay(IReadOnlyList<PlannedTensor> tensors)
    {
        var packed = tensors.Select(t => _options.Format == HuggingFaceFormat.CompressedTensors ? CompressedTensorsFormat.Of(t) : null).ToList();
        var type = TypeFor(tensors.Where((_, i) => packed[i] is null).Select(t => t.Scheme));
        var stored = new List<(SafetensorsHeading, int, StoredPart, PackedWeight?)>();
        for (var i = 0; i < tensors.Count; i++)
        {
            if (packed[i] is { } weight)
                stored.AddRange(weight.Parts().Select(p => (p.Heading, i, p.Part, (PackedWeight?)weight)));
            else
                stored.Add((new SafetensorsHeading(tensors[i].Name, type, tensors[i].Shape), i, StoredPart.Values, null));
        }
        return new Layout(type, stored, [.. packed.OfType<PackedWeight>()]);
    }

    private JsonObject? Quantization(Layout layout) => _options.Format == HuggingFaceFormat.CompressedTensors ? CompressedTensorsConfig.Create(layout.Packed) : null;

    private ElementType TypeFor(IEnumerable<QuantizationScheme?> schemes) => _options.Type switch
    {
        WeightType.Float16 => ElementType.Float16,
        WeightType.Float32 => ElementType.Float32,
        _ => schemes.All(s => s is null or { MinCode: >= -1, MaxCode: <= 1, HasZeroPoints: false }) ? ElementType.Float16 : ElementType.Float32,
    };

    private sealed record Layout(
        ElementType Type, IReadOnlyList<(SafetensorsHeading Heading, int Tensor, StoredPart Part, PackedWeight? Packed)> Stored, IReadOnlyList<PackedWeight> Packed);
}
