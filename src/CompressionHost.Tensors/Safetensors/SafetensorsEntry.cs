namespace CompressionHost.Tensors;

/// <summary>One tensor of a safetensors file, as its header describes it; checked against the file.</summary>
/// <param name="Name">Unique in the file.</param>
/// <param name="Type">Type of the values.</param>
/// <param name="Shape">Dimensions, none negative; empty for a scalar.</param>
/// <param name="Offset">Where the values begin, in bytes from the start of the file.</param>
/// <param name="Length">Bytes: the product of the shape times the size of the type.</param>
public sealed record SafetensorsEntry(string Name, ElementType Type, IReadOnlyList<long> Shape, long Offset, long Length)
{
    /// <summary>Number of values; 1 for a scalar.</summary>
    public long Count => Length / Type.Size();
}
