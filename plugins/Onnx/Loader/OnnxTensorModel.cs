using CompressionHost.Abstractions;
using CompressionHost.Tensors;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Plugins.Onnx;

/// <summary>An ONNX graph whose weights are in memory and can be replaced. ONNX Runtime computes it, with the weights as inputs; there are no gradients.</summary>
internal sealed class OnnxTensorModel : ITensorModel
{
    /// <summary>Architecture of every model that is a graph.</summary>
    public const string Kind = "onnx";

    private readonly IReadOnlyList<GraphWeight> _weights;
    private readonly WeightScan _scan;
    private readonly InputMaker _maker;
    private readonly OnnxCall _call;

    private OnnxTensorModel(
        WeightScan scan, IReadOnlyList<GraphWeight> weights, IReadOnlyList<Parameter> parameters, IReadOnlyDictionary<string, byte[]> assets, InputMaker maker)
    {
        (_scan, _weights, _maker, Assets) = (scan, weights, maker, assets);
        Parameters = [.. weights.Zip(parameters, (w, p) => (w.Name, p))];
        Sites = [.. Parameters.Zip(weights).Where(p => p.Second.Site is not null).Select(p => new WeightSite(p.First.Name, p.Second.Site!.Value, p.First.Value))];
        Outputs = TensorPorts.Outputs(scan.File);
        _call = new OnnxCall(scan.File.Path, OnnxGraphs.WithWeightsAsInputs(scan, weights), maker.Ports, Outputs);
    }

    /// <inheritdoc/>
    public string Architecture => Kind;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Parameter Value)> Parameters { get; }

    /// <inheritdoc/>
    public IReadOnlyList<WeightSite> Sites { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, byte[]> Assets { get; }

    /// <inheritdoc/>
    public IReadOnlyList<TensorPort> Inputs => _maker.Ports;

    /// <inheritdoc/>
    public IReadOnlyList<TensorPort> Outputs { get; }

    /// <summary>Reads the weights.</summary>
    /// <exception cref="InvalidInputException">One is not finite, or ONNX Runtime cannot run the graph.</exception>
    public static OnnxTensorModel Load(
        OnnxFile file, WeightScan scan, IReadOnlyList<GraphWeight> weights, IReadOnlyDictionary<string, byte[]> assets, InputMaker maker, CancellationToken cancellationToken)
    {
        using var noGradients = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var parameters = new List<Parameter>(weights.Count);
        foreach (var weight in weights)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var values = weight.Tensor.ReadFloats();
            if (Array.FindIndex(values, v => !float.IsFinite(v)) is var at and >= 0)
                throw new InvalidInputException($"{file.Path}: '{weight.Name}' has {(float.IsNaN(values[at]) ? "NaN" : "an infinite value")} at index {at}.", file.Path);
            var stored = torch.tensor(values, [.. weight.Tensor.Shape]);
            parameters.Add(new Parameter(weight.IsTransposed ? stored.t().contiguous() : stored, requires_grad: false));
        }
        var model = new OnnxTensorModel(scan, weights, parameters, assets, maker);
        foreach (var parameter in parameters)
            parameter.DetachFromDisposeScope();
        return model;
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, torch.Tensor> Encode(IReadOnlyList<Sample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return _maker.Encode(samples);
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, torch.Tensor> Forward(IReadOnlyDictionary<string, torch.Tensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        using var noGradients = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var current = Sites.ToDictionary(s => s.Name, s => s.Current, StringComparer.Ordinal);
        var weights = Parameters.Zip(_weights, (p, w) => (p.Name, AsStored(w, current.GetValueOrDefault(p.Name, p.Value)))).ToList();
        var outputs = _call.Run(inputs, weights);
        foreach (var tensor in outputs.Values)
            tensor.MoveToOuterDisposeScope();
        return outputs;
    }

    /// <inheritdoc/>
    public ICompressibleModel Clone()
    {
        using var noGradients = torch.no_grad();
        var copies = new List<Parameter>(Parameters.Count);
        foreach (var (_, value) in Parameters)
        {
            using var copy = value.detach().clone();
            copies.Add(new Parameter(copy, requires_grad: false));
        }
        return new OnnxTensorModel(_scan, _weights, copies, Assets, _maker);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _call.Dispose();
        foreach (var (_, value) in Parameters)
            value.Dispose();
    }

    private static torch.Tensor AsStored(GraphWeight weight, torch.Tensor value)
    {
        var turned = weight.IsTransposed ? value.detach().t() : value.detach();
        return turned.to(TensorPorts.Torch(weight.Tensor.Type)).contiguous();
    }
}
