using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Onnx;

/// <summary>A constant of floating point that an ONNX graph computes with, and who reads it.</summary>
/// <param name="Tensor">The tensor.</param>
/// <param name="Node">Index of the <c>Constant</c> operation that gives it; -1 for an initializer.</param>
internal sealed record GraphWeight(OnnxTensor Tensor, int Node)
{
    private readonly List<WeightUse> _uses = [];

    public string Name => Tensor.Name;

    /// <summary>Who reads it, directly or transposed.</summary>
    public IReadOnlyList<WeightUse> Uses => _uses;

    /// <summary>Indices of the operations that only transpose it.</summary>
    public List<int> Transposes { get; } = [];

    /// <summary>Read where its use cannot be followed: in a graph inside of an operation, or as an output of the graph.</summary>
    public bool IsCaptured { get; set; }

    /// <summary>What it is used for if it may be quantized, else null.</summary>
    public WeightKind? Site { get; private set; }

    /// <summary>Whether the site's rows, one an output, are the columns of the tensor in the file.</summary>
    public bool IsTransposed { get; private set; }

    /// <summary>Shape of the site: rows first.</summary>
    public IReadOnlyList<long> Shape => IsTransposed ? [Tensor.Shape[1], Tensor.Shape[0]] : Tensor.Shape;

    public void Add(WeightUse use) => _uses.Add(use);

    /// <summary>Decides whether it is a site. Rows are what every use calls an output; where uses differ, they are as in the file.</summary>
    public void Classify(long minimum)
    {
        if (IsCaptured || Tensor.Count < minimum || Tensor.Shape.Count < 2 || _uses.Count == 0 || _uses.Any(u => u.Kind is null))
            return;
        Site = _uses.Any(u => u.Kind == WeightKind.Embedding) ? WeightKind.Embedding
            : _uses.Any(u => u.Kind == WeightKind.Convolution) ? WeightKind.Convolution : WeightKind.Linear;
        IsTransposed = Tensor.Shape.Count == 2 && _uses.TrueForAll(u => u.RowsAreColumns);
    }
}

/// <summary>One operation that reads a weight.</summary>
/// <param name="Node">Index of the operation.</param>
/// <param name="Kind">What it does with it; null for something else than a product, a convolution or a look-up.</param>
/// <param name="RowsAreColumns">Whether its outputs are the columns of the tensor in the file.</param>
/// <param name="IsProduct">Whether it is x W with nothing else, so that an operator with packed weights can take its place.</param>
internal readonly record struct WeightUse(int Node, WeightKind? Kind, bool RowsAreColumns, bool IsProduct);
