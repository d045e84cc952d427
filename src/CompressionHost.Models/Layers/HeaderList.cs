using CompressionHost.Abstractions;

namespace CompressionHost.Models;

/// <summary>Collects the tensors of a model in checkpoint order.</summary>
internal sealed class HeaderList
{
    private readonly List<TensorHeader> _tensors = [];

    public IReadOnlyList<TensorHeader> Tensors => _tensors;

    /// <summary>A matrix product, with its bias where it has one.</summary>
    public void Linear(string name, long outputs, long inputs, bool bias = true)
    {
        Site($"{name}.weight", WeightKind.Linear, outputs, inputs);
        if (bias)
            Add($"{name}.bias", outputs);
    }

    /// <summary>A layer normalization.</summary>
    public void Norm(string name, long width)
    {
        Add($"{name}.weight", width);
        Add($"{name}.bias", width);
    }

    /// <summary>A weight that may be quantized.</summary>
    public void Site(string name, WeightKind kind, params long[] shape) => _tensors.Add(new TensorHeader(name, shape, kind));

    /// <summary>A small tensor that is never quantized.</summary>
    public void Add(string name, params long[] shape) => _tensors.Add(new TensorHeader(name, shape, null));
}
