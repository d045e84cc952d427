using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Packers;

/// <summary>
/// Writes <c>model.gguf</c> with the names and keys that llama.cpp's image encoders use, and reads it back. A ternary weight in groups of 256 goes into
/// TQ1_0 or TQ2_0 exactly: codes and scales are those of the model.
/// </summary>
public sealed class GgufPacker : IPacker
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "model" + GgufFile.Extension;

    private readonly GgufPackerOptions _options;

    /// <summary>Makes the packer.</summary>
    /// <param name="options">Bound from the recipe.</param>
    public GgufPacker(GgufPackerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <inheritdoc/>
    /// <remarks>Exact.</remarks>
    public long EstimateBytes(IReadOnlyList<PlannedTensor> tensors, IReadOnlyDictionary<string, byte[]> assets)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(assets);
        return GgufWriter.FileBytes(
            GgufClipMetadata.Create(ClipLayout.Architecture, assets, _options.Type),
            [.. tensors.Select(t => GgufTensorPlan.Heading(_options.Type, t.Name, t.Shape, t.Scheme, t.GroupSize))]);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidInputException">The model is no CLIP, a tensor has a shape that GGUF does not, or a weight is beyond the range of float16.</exception>
    /// <exception cref="IOException">What is read back is not what was written.</exception>
    public IReadOnlyList<string> Pack(CompressedModel model, string directory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(directory);
        var path = Path.GetFullPath(Path.Combine(directory, FileName));
        var headings = model.Tensors.Select(t => GgufTensorPlan.Heading(_options.Type, t.Name, t.Shape, t.Quantized?.Scheme, t.Quantized?.GroupSize ?? 0)).ToArray();
        var values = model.Tensors.Zip(headings, (t, h) => new GgufTensorValues(t, h.Type)).ToArray();
        GgufWriter.Write(path, GgufClipMetadata.Create(model.Architecture, model.Assets, _options.Type), headings, (i, stream) => values[i].Write(stream, cancellationToken));
        Verify(path, headings, values, cancellationToken);
        return [path];
    }

    private static void Verify(string path, GgufHeading[] headings, GgufTensorValues[] values, CancellationToken cancellationToken)
    {
        using var file = GgufFile.Open(path);
        foreach (var (heading, expected) in headings.Zip(values))
        {
            var entry = file.Find(heading.Name);
            if (entry is null || entry.Type != heading.Type || !entry.Shape.SequenceEqual(heading.Shape) || !expected.IsIn(file.Bytes(entry), cancellationToken))
                throw new IOException($"{path}: tensor '{heading.Name}' reads back as something else than was written; check the disk.");
        }
    }
}
