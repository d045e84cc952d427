namespace CompressionHost.Tensors;

/// <summary>One tensor of a native package, as its header describes it; checked against the file.</summary>
public sealed record NativeTensorEntry
{
    /// <summary>Hugging Face name.</summary>
    public required string Name { get; init; }

    /// <summary>Dimensions; empty for a scalar.</summary>
    public required IReadOnlyList<long> Shape { get; init; }

    /// <summary>The alphabet of the codes; null for a dense tensor.</summary>
    public required QuantizationScheme? Scheme { get; init; }

    /// <summary>Values of a row that share a scale; 0 for a dense tensor.</summary>
    public required int GroupSize { get; init; }

    /// <summary>How the values are stored: <c>packed1</c>, <c>packed2</c>, <c>base3</c>, <c>entropy</c>, <c>packed4</c> or <c>int8</c> for codes, <c>float16</c> for a dense tensor.</summary>
    public required string Storage { get; init; }

    /// <summary>
    /// What <see cref="NativePackageFile.Codes"/> gives, whatever the storage: <c>packed1</c> (<see cref="PackedBinary"/>), <c>packed2</c> (<see cref="PackedTernary"/>),
    /// <c>packed4</c> (<see cref="PackedInt4"/>) or <c>int8</c>; <c>float16</c> for a dense tensor.
    /// </summary>
    public string Layout => Scheme is null ? Storage : CodeStorage.Named(Storage)!.Layout.Name;

    /// <summary>Where the tensor's section begins, in bytes from the start of the file; a multiple of 64.</summary>
    public required long Offset { get; init; }

    /// <summary>Bytes of the section: codes, padding, scales and zero points, or dense values.</summary>
    public required long Length { get; init; }

    /// <summary>XXH3 (64 bits) of the section.</summary>
    public required ulong Checksum { get; init; }

    /// <summary>Number of values.</summary>
    public long Count => Product(0);

    /// <summary>First dimension; 1 for a scalar.</summary>
    public int Rows => Shape.Count == 0 ? 1 : (int)Shape[0];

    /// <summary>Product of the other dimensions.</summary>
    public int RowLength => (int)Product(1);

    /// <summary>Groups of one row; 0 for a dense tensor.</summary>
    public int GroupsPerRow => Scheme is null ? 0 : NativeSection.Groups(RowLength, GroupSize);

    /// <summary>Bytes of the codes as they are stored; 0 for a dense tensor.</summary>
    public long CodesLength => Scheme is null ? 0
        : Math.Min(CodeStorage.Named(Storage)!.Bytes(Rows, RowLength), Length - NativeSection.GroupBytes(Scheme, Rows, RowLength, GroupSize));

    private long Product(int firstDimension)
    {
        var product = 1L;
        for (var i = firstDimension; i < Shape.Count; i++)
            product *= Shape[i];
        return product;
    }
}

/// <summary>One asset of a native package.</summary>
/// <param name="Name">Plain file name.</param>
/// <param name="Size">Bytes of the content.</param>
/// <param name="Storage"><c>raw</c>, <c>brotli</c>, or <c>clip-vocabulary</c> for a vocabulary that follows from merges.txt and takes no bytes.</param>
/// <param name="Offset">Where its section begins; 0 where it has none.</param>
/// <param name="Length">Bytes of its section.</param>
/// <param name="Checksum">XXH3 (64 bits) of the content.</param>
internal sealed record NativeAssetEntry(string Name, int Size, string Storage, long Offset, long Length, ulong Checksum);
