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
    /// <summary>Name of the weights' file.</summary>
    public const string FileName = "model.safetensors";

    // transformers refuses a safetensors file that does not say which framework it is of.
    private static readonly Dictionary<string, string> Metadata = new() { ["format"] = "pt" };

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
        return SafetensorsWriter.FileBytes([.. folder.Stored.Select(s => s.Heading)], Metadata) + assets.Sum(a => (long)Content(a.Key, a.Value, folder).Length);
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
        var folder = Path.GetFullPath(directory);
        var files = new List<string> { Path.Combine(folder, FileName) };
        SafetensorsWriter.WriteStreaming(
            files[0],
            [.. laid.Stored.Select(s => s.Heading)],
            (i, stream) =>
            {
                var (_, tensor, part, packed) = laid.Stored[i];
                if (packed is null)
                    DenseValues.Write(model.Tensors[tensor], laid.Type, stream, cancellationToken);
                else
                    CompressedTensorsValues.Write(part, packed, model.Tensors[tensor].Quantized!, stream, cancellationToken);
            },
            Metadata);
        foreach (var (name, content) in model.Assets.OrderBy(a => a.Key, StringComparer.Ordinal))
        {
            if (name != Path.GetFileName(name) || name == FileName)
                throw new ArgumentException($"Asset '{name}' is not a file name of its own.", nameof(model));
            files.Add(Path.Combine(folder, name));
            AtomicFile.WriteAllBytes(files[^1], Content(name, content, laid));
        }
        return files;
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

    private byte[] Content(string name, byte[] content, Layout layout) => name != HuggingFaceConfig.FileName
        ? content
        : HuggingFaceConfig.With(content, layout.Type, _options.Format == HuggingFaceFormat.CompressedTensors ? CompressedTensorsConfig.Create(layout.Packed) : null);

    private ElementType TypeFor(IEnumerable<QuantizationScheme?> schemes) => _options.Type switch
    {
        WeightType.Float16 => ElementType.Float16,
        WeightType.Float32 => ElementType.Float32,
        _ => schemes.All(s => s is null or { MinCode: >= -1, MaxCode: <= 1, HasZeroPoints: false }) ? ElementType.Float16 : ElementType.Float32,
    };

    private sealed record Layout(
        ElementType Type, IReadOnlyList<(SafetensorsHeading Heading, int Tensor, StoredPart Part, PackedWeight? Packed)> Stored, IReadOnlyList<PackedWeight> Packed);
}
