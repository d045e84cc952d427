using System.Globalization;
using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Onnx;

/// <summary>
/// Writes both encoders for ONNX Runtime, <c>image.onnx</c> and <c>text.onnx</c>, with the model's assets beside them. Embeddings come out
/// L2-normalized; the batch is dynamic.
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

    /// <inheritdoc/>
    /// <remarks>Exact but for the digits of the logit scale.</remarks>
    public long EstimateBytes(IReadOnlyList<PlannedTensor> tensors, IReadOnlyDictionary<string, byte[]> assets)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(assets);
        var config = Config(ClipLayout.Architecture, assets);
        var models = Models(config, ClipValues.ShapesOf(config), logitScale: 100).Sum(m =>
        {
            var (model, data) = m.Model.Measure(m.File);
            return model + data;
        });
        return models + assets.Values.Sum(a => a.LongLength);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidInputException">The model is no CLIP, or its tensors are not those of its config.json.</exception>
    public IReadOnlyList<string> Pack(CompressedModel model, string directory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(directory);
        var folder = Path.GetFullPath(directory);
        var config = Config(model.Architecture, model.Assets);
        var values = ClipValues.Of(config, model, cancellationToken);
        var logitScale = MathF.Exp(values.Read(ClipLayout.LogitScale)[0]);
        if (!float.IsFinite(logitScale) || logitScale == 0)
            throw new InvalidInputException($"'{ClipLayout.LogitScale}' is {values.Read(ClipLayout.LogitScale)[0]}, whose exponential is no float32; the model is damaged.");
        var files = new List<string>();
        foreach (var (file, onnx) in Models(config, values, logitScale))
            files.AddRange(onnx.Write(Path.Combine(folder, file)));
        foreach (var (name, content) in model.Assets.OrderBy(a => a.Key, StringComparer.Ordinal))
        {
            if (name != Path.GetFileName(name) || OnnxFolder.IsModel(name))
                throw new ArgumentException($"Asset '{name}' is not a file name of its own.", nameof(model));
            files.Add(Path.Combine(folder, name));
            AtomicFile.WriteAllBytes(files[^1], content);
        }
        return files;
    }

    private IEnumerable<(string File, OnnxModel Model)> Models(ClipConfig config, ClipValues values, float logitScale)
    {
        var form = Form(values);
        KeyValuePair<string, string>[] metadata =
        [
            new(OnnxFolder.WeightsKey, _options.Type.ToString().ToLowerInvariant()),
            new(OnnxFolder.LogitScaleKey, logitScale.ToString("R", CultureInfo.InvariantCulture)),
        ];
        yield return (OnnxFolder.Image, new OnnxModel(ImageEncoder.Graph(config, values, form), metadata));
        yield return (OnnxFolder.Text, new OnnxModel(TextEncoder.Graph(config, values, form), metadata));
    }

    private IWeightForm Form(ClipValues values) => _options.Type switch
    {
        OnnxWeightType.Int8 => new Int8Form(values),
        OnnxWeightType.Int4 => new Int4Form(values),
        _ => new Float32Form(values),
    };

    private static ClipConfig Config(string architecture, IReadOnlyDictionary<string, byte[]> assets)
    {
        if (architecture != ClipLayout.Architecture)
            throw new InvalidInputException($"'onnx' cannot pack a model of architecture '{architecture}'; it knows '{ClipLayout.Architecture}'.");
        return assets.TryGetValue(ClipAssets.Config, out var json)
            ? ClipConfig.FromHuggingFace(json, ClipAssets.Config)
            : throw new InvalidInputException($"The model has no {ClipAssets.Config}; 'onnx' cannot pack it.");
    }
}
