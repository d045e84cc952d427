using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Onnx;

/// <summary>
/// Writes models for ONNX Runtime: of CLIP both encoders, <c>image.onnx</c> and <c>text.onnx</c>, with the model's assets beside them, embeddings L2-normalized and the
/// batch dynamic; of any other graph <c>model.onnx</c>, the graph as it was with its weights in another form.
/// </summary>
public sealed class OnnxPacker : IPacker
{
    private readonly OnnxPackerOptions _options;

    /// <summary>Makes the packer.</summary>
    /// <param name="options">Bound from the recipe.</param>
    public OnnxPacker(OnnxPackerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    private long MostInside => _options.ExternalData ? 0 : OnnxModelWriter.MostBytesInside;

    /// <inheritdoc/>
    /// <remarks>Exact but for the digits of CLIP's logit scale.</remarks>
    public long EstimateBytes(IReadOnlyList<PlannedTensor> tensors, IReadOnlyDictionary<string, byte[]> assets)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(assets);
        var models = assets.ContainsKey(OnnxGraphs.Asset) ? GraphModel.Plan(tensors, assets, _options) : ClipPacker.Plan(tensors, assets, _options);
        var bytes = models.Sum(m =>
        {
            var (model, data) = m.Model.Measure(m.File, MostInside);
            return model + data;
        });
        return bytes + assets.Where(a => a.Key != OnnxGraphs.Asset).Sum(a => a.Value.LongLength);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidInputException">The model is neither CLIP nor a graph, or its tensors are not those of its configuration.</exception>
    public IReadOnlyList<string> Pack(CompressedModel model, string directory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(directory);
        var folder = Path.GetFullPath(directory);
        var models = model.Assets.ContainsKey(OnnxGraphs.Asset)
            ? GraphModel.Models(model, _options, cancellationToken)
            : ClipPacker.Models(model, _options, cancellationToken);
        var files = new List<string>();
        foreach (var (file, onnx) in models)
            files.AddRange(onnx.Write(Path.Combine(folder, file), MostInside));
        foreach (var (name, content) in model.Assets.Where(a => a.Key != OnnxGraphs.Asset).OrderBy(a => a.Key, StringComparer.Ordinal))
        {
            if (name != Path.GetFileName(name) || OnnxFolder.IsModel(name))
                throw new ArgumentException($"Asset '{name}' is not a file name of its own.", nameof(model));
            files.Add(Path.Combine(folder, name));
            AtomicFile.WriteAllBytes(files[^1], content);
        }
        return files;
    }
}
