using CompressionHost.Abstractions;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Plugins.Tests.Evaluation;

/// <summary>A model whose output is a function of its input <c>x</c>.</summary>
internal sealed class FakeTensorModel(Func<torch.Tensor, torch.Tensor> forward) : ITensorModel
{
    public string Architecture => "fake";

    public IReadOnlyList<(string Name, Parameter Value)> Parameters => [];

    public IReadOnlyList<WeightSite> Sites => [];

    public IReadOnlyDictionary<string, byte[]> Assets => new Dictionary<string, byte[]>();

    public IReadOnlyList<TensorPort> Inputs => [new("x", torch.ScalarType.Float32, [-1, -1])];

    public IReadOnlyList<TensorPort> Outputs => [new("y", torch.ScalarType.Float32, [-1, -1]), new("ids", torch.ScalarType.Int64, [-1])];

    public IReadOnlyDictionary<string, torch.Tensor> Encode(IReadOnlyList<Sample> samples) => throw new InvalidOperationException("Batches come prepared.");

    public IReadOnlyDictionary<string, torch.Tensor> Forward(IReadOnlyDictionary<string, torch.Tensor> inputs) =>
        new Dictionary<string, torch.Tensor> { ["y"] = forward(inputs["x"]), ["ids"] = torch.zeros(1, dtype: torch.ScalarType.Int64) };

    public ICompressibleModel Clone() => new FakeTensorModel(forward);

    public void Dispose()
    {
    }
}
