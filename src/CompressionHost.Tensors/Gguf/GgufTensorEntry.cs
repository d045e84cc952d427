namespace CompressionHost.Tensors;

/// <summary>One tensor of a GGUF file.</summary>
/// <param name="Name">At most 64 bytes in UTF-8.</param>
/// <param name="Type">How it is stored.</param>
/// <param name="Shape">Dimensions, the last one contiguous: the reverse of the order in the file. Each at least 1; empty for a scalar.</param>
/// <param name="Offset">Of the first byte in the file.</param>
/// <param name="Length">Bytes.</param>
public sealed record GgufTensorEntry(string Name, GgufType Type, IReadOnlyList<long> Shape, long Offset, long Length)
{
    /// <summary>Number of values.</summary>
    public long Count => Length / Type.BlockBytes() * Type.BlockSize();
}

/// <summary>A tensor to write.</summary>
/// <param name="Name">Unique; at most 63 bytes in UTF-8.</param>
/// <param name="Type">How it is stored.</param>
/// <param name="Shape">At most 4 dimensions of at least 1, the last one contiguous and a whole number of blocks.</param>
public sealed record GgufHeading(string Name, GgufType Type, IReadOnlyList<long> Shape);
