using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Packers;

/// <summary>
/// The format <c>pack-quantized</c> of the compressed-tensors convention (https://github.com/vllm-project/compressed-tensors): the weight of a linear
/// layer becomes <c>weight_packed</c> (int32, codes of 4 or 8 bits, the first in the lowest bits, each offset to be unsigned), <c>weight_scale</c> (float16, a
/// column a group), <c>weight_shape</c> and, with zero points, <c>weight_zero_point</c> (packed likewise, down the rows).
/// </summary>
internal static class CompressedTensorsFormat
{
    public const string Name = "pack-quantized";

    private const string WeightSuffix = ".weight";
    private const int WordBits = 32;

    /// <summary>How a tensor is packed; null where it is stored as values.</summary>
    /// <exception cref="InvalidInputException">It should be packed and the convention has no place for it; names the tensor.</exception>
    public static PackedWeight? Of(PlannedTensor tensor)
    {
        // Readers replace linear layers alone; tables and convolutions are values.
        if (tensor.Scheme is not { } scheme || tensor.Shape.Count != 2 || !tensor.Name.EndsWith(WeightSuffix, StringComparison.Ordinal) || IsTable(tensor.Name))
            return null;
        var (rows, rowLength) = (tensor.Shape[0], tensor.Shape[1]);
        if (rowLength % tensor.GroupSize != 0)
        {
            throw new InvalidInputException(
                $"Tensor '{tensor.Name}' has rows of {rowLength} in groups of {tensor.GroupSize}; compressed-tensors has no shorter last group. Choose a group that divides the rows, or pack with 'format: dequantized'.");
        }
        var bits = Bits(scheme) ?? throw new InvalidInputException(
            $"Tensor '{tensor.Name}' has the scheme '{scheme.Name}', codes {scheme.MinCode} to {scheme.MaxCode}{(scheme.HasZeroPoints ? " with zero points" : "")}, which compressed-tensors does not have. Pack with 'format: dequantized'.");
        return new PackedWeight(tensor.Name[..^WeightSuffix.Length], bits, scheme.HasZeroPoints, tensor.GroupSize, rows, rowLength);
    }

    /// <summary>Words of a row of codes.</summary>
    public static long Words(long codes, int bits) => ((codes * bits) + WordBits - 1) / WordBits;

    private static int? Bits(QuantizationScheme scheme) => scheme switch
    {
        { HasZeroPoints: true } => scheme is { MinCode: 0, MaxCode: <= 15 } ? 4 : null,
        // Ternary and binary codes too: the convention has no fewer bits that its readers unpack.
        { MinCode: >= -8, MaxCode: <= 7 } => 4,
        _ => 8,
    };

    private static bool IsTable(string name)
    {
        var module = name.AsSpan(0, name.Length - WeightSuffix.Length);
        return module.EndsWith("embedding", StringComparison.Ordinal) || module.EndsWith("embeddings", StringComparison.Ordinal);
    }
}

/// <summary>A linear layer's packed weight.</summary>
/// <param name="Module">Name of the layer.</param>
/// <param name="Bits">Bits of a code, 4 or 8.</param>
/// <param name="HasZeroPoints">Whether each group has a zero point.</param>
/// <param name="GroupSize">Codes that share a scale; divides <paramref name="RowLength"/>.</param>
/// <param name="Rows">Outputs.</param>
/// <param name="RowLength">Inputs.</param>
internal sealed record PackedWeight(string Module, int Bits, bool HasZeroPoints, int GroupSize, long Rows, long RowLength)
{
    /// <summary>The tensors that take the weight's place.</summary>
    public IEnumerable<(SafetensorsHeading Heading, StoredPart Part)> Parts()
    {
        var groups = RowLength / GroupSize;
        yield return (new($"{Module}.weight_packed", ElementType.Int32, [Rows, CompressedTensorsFormat.Words(RowLength, Bits)]), StoredPart.Codes);
        yield return (new($"{Module}.weight_scale", ElementType.Float16, [Rows, groups]), StoredPart.Scales);
        if (HasZeroPoints)
            yield return (new($"{Module}.weight_zero_point", ElementType.Int32, [CompressedTensorsFormat.Words(Rows, Bits), groups]), StoredPart.ZeroPoints);
        yield return (new($"{Module}.weight_shape", ElementType.Int64, [2]), StoredPart.Shape);
    }
}

/// <summary>What of a model's tensor a stored tensor holds.</summary>
internal enum StoredPart
{
    /// <summary>Its values.</summary>
    Values,

    /// <summary>Its codes, packed along the rows.</summary>
    Codes,

    /// <summary>Its scales.</summary>
    Scales,

    /// <summary>Its zero points, packed down the rows.</summary>
    ZeroPoints,

    /// <summary>Its shape.</summary>
    Shape,
}
