using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Onnx;

/// <summary>
/// Opens any ONNX model. Its graph stays as it is; weights of products, convolutions and look-ups are sites under the names they have in the file, rows first,
/// so that a product's [inputs, outputs] is the site's [outputs, inputs]. Computes with ONNX Runtime, without gradients.
/// </summary>
public sealed class OnnxLoader(OnnxLoaderOptions options) : ITeacherLoader
{
    /// <inheritdoc/>
    public ModelHeader ReadHeader()
    {
        var file = OnnxFile.Open(options.Model);
        var (scan, parameters) = Parameters(file);
        return new ModelHeader(OnnxTensorModel.Kind, [.. parameters.Select(p => new TensorHeader(p.Name, p.Shape, p.Site))])
        {
            IsImageText = false,
            Assets = Assets(scan, parameters),
            Files = [.. new[] { file.Path }.Concat(file.Tensors.Where(t => t.IsExternal).Select(t => t.ValuesPath).Distinct(StringComparer.Ordinal))],
        };
    }

    /// <inheritdoc/>
    public ICompressibleModel Load(ModelLoadContext context, CancellationToken cancellationToken = default)
    {
        if (OnnxRuntimeLibrary.WhyNot() is { } reason)
            throw new InvalidInputException(reason);
        var file = OnnxFile.Open(options.Model);
        var (scan, parameters) = Parameters(file);
        var assets = Assets(scan, parameters);
        return OnnxTensorModel.Load(file, scan, parameters, assets, InputMaker.Of(file, options, assets), cancellationToken);
    }

    private (WeightScan Scan, IReadOnlyList<GraphWeight> Parameters) Parameters(OnnxFile file)
    {
        var scan = WeightScan.Of(file, options.MinWeights);
        var parameters = GraphParameters.Of(scan);
        return parameters.Any(p => p.Site is not null)
            ? (scan, parameters)
            : throw new InvalidInputException(
                $"{file.Path}: no operation has a constant weight of {options.MinWeights} values or more (MatMul, Gemm, Conv and Gather are looked at), so there is nothing to compress. Lower 'minWeights'.", file.Path);
    }

    private Dictionary<string, byte[]> Assets(WeightScan scan, IReadOnlyList<GraphWeight> parameters)
    {
        var assets = new Dictionary<string, byte[]>(StringComparer.Ordinal) { [OnnxGraphs.Asset] = OnnxGraphs.WithoutWeights(scan, parameters, options.MinWeights) };
        if (InputMaker.Vocabulary(options) is { } vocabulary)
            assets[InputMaker.VocabularyAsset] = vocabulary;
        return assets;
    }
}
