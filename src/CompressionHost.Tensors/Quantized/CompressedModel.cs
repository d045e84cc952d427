namespace CompressionHost.Tensors;

/// <summary>A compressed model as a packer takes it and a package reader gives it back.</summary>
/// <param name="Architecture">Such as <c>clip</c>.</param>
/// <param name="Tensors">Every tensor, in checkpoint order.</param>
/// <param name="Assets">Files beside the weights, by Hugging Face file name, such as <c>config.json</c> or <c>merges.txt</c>.</param>
public sealed record CompressedModel(string Architecture, IReadOnlyList<CompressedTensor> Tensors, IReadOnlyDictionary<string, byte[]> Assets);

/// <summary>One tensor: either codes and scales, or dense float16.</summary>
public sealed class CompressedTensor
{
    /// <summary>A quantized tensor.</summary>
    public CompressedTensor(string name, QuantizedTensor quantized)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(quantized);
        (Name, Shape, Quantized) = (name, quantized.Shape, quantized);
    }

    /// <summary>A dense tensor. An empty shape is a scalar.</summary>
    /// <exception cref="ArgumentException">The values do not fit the shape.</exception>
    public CompressedTensor(string name, IReadOnlyList<long> shape, Half[] values)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(values);
        if (values.LongLength != shape.Aggregate(1L, (a, d) => checked(a * d)))
            throw new ArgumentException($"{values.LongLength} values for shape [{string.Join(", ", shape)}].", nameof(values));
        (Name, Shape, Dense) = (name, [.. shape], values);
    }

    /// <summary>Hugging Face name.</summary>
    public string Name { get; }

    /// <summary>Dimensions; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Codes and scales, or null.</summary>
    public QuantizedTensor? Quantized { get; }

    /// <summary>float16 values, or null.</summary>
    public Half[]? Dense { get; }
}
