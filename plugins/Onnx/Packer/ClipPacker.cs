using System.Globalization;
using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Onnx;

/// <summary>The encoders of a CLIP model.</summary>
internal static class ClipPacker
{
    /// <summary>The files as a plan knows them; their values cannot be written.</summary>
    /// <exception cref="InvalidInputException">The assets have no CLIP configuration.</exception>
    public static IReadOnlyList<(string File, OnnxModelWriter Model)> Plan(
        IReadOnlyList<PlannedTensor> tensors, IReadOnlyDictionary<string, byte[]> assets, OnnxPackerOptions options)
    {
        var config = Config(ClipLayout.Architecture, assets);
        var planned = tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
        return Models(config, ClipValues.ShapesOf(config), logarithm: MathF.Log(100), options, isPlan: true, weight => planned.TryGetValue(weight.Name, out var tensor)
            ? new PackedWeight(weight, tensor.Scheme, tensor.GroupSize, () => throw new InvalidOperationException("A plan has no values."))
            : null);
    }

    /// <summary>The files.</summary>
    /// <exception cref="InvalidInputException">The model is no CLIP, or its tensors are not those of its config.json.</exception>
    public static IReadOnlyList<(string File, OnnxModelWriter Model)> Models(CompressedModel model, OnnxPackerOptions options, CancellationToken cancellationToken)
    {
        var config = Config(model.Architecture, model.Assets);
        var values = ClipValues.Of(config, model, cancellationToken);
        var logarithm = values.Read(ClipLayout.LogitScale)[0];
        if (MathF.Exp(logarithm) is var logitScale && (!float.IsFinite(logitScale) || logitScale == 0))
            throw new InvalidInputException($"'{ClipLayout.LogitScale}' is {logarithm}, whose exponential is no float32; the model is damaged.");
        var tensors = model.Tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
        return Models(config, values, logarithm, options, isPlan: false, weight => tensors.TryGetValue(weight.Name, out var tensor)
            ? new PackedWeight(weight, tensor.Quantized?.Scheme, tensor.Quantized?.GroupSize ?? 0, () =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                return tensor;
            })
            : null);
    }

    private static List<(string File, OnnxModelWriter Model)> Models(
        ClipConfig config, ClipValues values, float logarithm, OnnxPackerOptions options, bool isPlan, Func<GraphWeight, PackedWeight?> packed)
    {
        var type = options.Type == OnnxWeightType.Auto ? OnnxWeightType.Float32 : options.Type;
        KeyValuePair<string, string>[] metadata =
        [
            new(OnnxFolder.WeightsKey, type.ToString().ToLowerInvariant()),
            new(OnnxFolder.LogitScaleKey, MathF.Exp(logarithm).ToString("R", CultureInfo.InvariantCulture)),
            new(OnnxClipPackage.LogarithmKey, logarithm.ToString("R", CultureInfo.InvariantCulture)),
        ];
        IWeightForm form = type switch
        {
            OnnxWeightType.Int8 => new Int8Form(values),
            OnnxWeightType.Int4 => new Int4Form(values),
            _ => new Float32Form(values),
        };
        var isDirect = type is OnnxWeightType.Float32 or OnnxWeightType.Int8 or OnnxWeightType.Int4;
        OnnxModelWriter Of(OnnxGraph graph)
        {
            var model = new OnnxModel(graph, metadata);
            return isDirect ? model.Writer() : GraphForm(model, config, options, isPlan, packed);
        }
        return [(OnnxFolder.Image, Of(ImageEncoder.Graph(config, values, form))), (OnnxFolder.Text, Of(TextEncoder.Graph(config, values, form)))];
    }

    // The forms of any graph: the encoder in float32 without its weights, which are then put in as they are to be.
    private static OnnxModelWriter GraphForm(OnnxModel model, ClipConfig config, OnnxPackerOptions options, bool isPlan, Func<GraphWeight, PackedWeight?> packed)
    {
        var names = ClipLayout.Tensors(config).Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        var scan = WeightScan.Of(OnnxFile.Parse(model.WithoutWeights(names.Contains, isPlan), "encoder"), WeightScan.LeastValues);
        return GraphPacker.Pack(scan, [.. scan.Weights.Where(w => w.Tensor.IsExternal).Select(packed).OfType<PackedWeight>()], options);
    }

    private static ClipConfig Config(string architecture, IReadOnlyDictionary<string, byte[]> assets)
    {
        if (architecture != ClipLayout.Architecture)
            throw new InvalidInputException($"'onnx' cannot pack a model of architecture '{architecture}'; it knows '{ClipLayout.Architecture}' and graphs that 'use: onnx' loaded.");
        return assets.TryGetValue(ClipAssets.Config, out var json)
            ? ClipConfig.FromHuggingFace(json, ClipAssets.Config)
            : throw new InvalidInputException($"The model has no {ClipAssets.Config}; 'onnx' cannot pack it.");
    }
}
