using System.Runtime.InteropServices;

namespace CompressionHost.Tensors;

/// <summary>
/// Codes as ONNX Runtime's <c>MatMulNBits</c> and <c>GatherBlockQuantized</c> have them: unsigned in 2, 4 or 8 bits, low bits first, rows of blocks with one scale each. A
/// group of codes is one block or several with the same scale; what fills the last block up stands for zero.
/// </summary>
/// <param name="Bits">Bits of a code.</param>
/// <param name="Block">Codes of a block.</param>
/// <param name="Rows">Rows.</param>
/// <param name="RowLength">Codes of a row.</param>
public readonly record struct OnnxBlockLayout(int Bits, int Block, int Rows, int RowLength)
{
    // Without a zero point, the operators take this off a code.
    private int Zero => 1 << (Bits - 1);

    /// <summary>Blocks of a row.</summary>
    public int Blocks => (RowLength + Block - 1) / Block;

    /// <summary>Bytes of a row of codes.</summary>
    public int RowBytes => (int)((long)Blocks * Block * Bits / 8);

    /// <summary>Whether rows end with a block, so that they can be looked up or reshaped as they are.</summary>
    public bool IsWhole => RowLength % Block == 0;

    /// <summary>The layout of a weight; null where its groups are no blocks.</summary>
    /// <param name="scheme">Its codes.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="rowLength">Codes of a row.</param>
    /// <param name="group">Codes that share a scale.</param>
    public static OnnxBlockLayout? Of(QuantizationScheme scheme, int rows, int rowLength, int group)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        var bits = (scheme.MaxCode - scheme.MinCode) switch { < 4 => 2, < 16 => 4, _ => 8 };
        var block = group >= rowLength ? Largest(rowLength) : Divisor(group);
        return block == 0 ? null : new OnnxBlockLayout(bits, block, rows, rowLength);
    }

    /// <summary>Every code, [rows, blocks, bytes of a block].</summary>
    public void WriteCodes(QuantizedTensor weight, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(stream);
        var row = new byte[RowBytes];
        var perByte = 8 / Bits;
        for (var r = 0; r < Rows; r++)
        {
            row.AsSpan().Clear();
            var codes = weight.Codes.AsSpan(r * RowLength, RowLength);
            for (var i = 0; i < Blocks * Block; i++)
            {
                var code = i < RowLength ? Unsigned(weight, codes[i]) : Filling(weight, r);
                row[i / perByte] |= (byte)(code << (i % perByte * Bits));
            }
            stream.Write(row);
        }
    }

    /// <summary>A scale a block, float16 [rows, blocks].</summary>
    public void WriteScales(QuantizedTensor weight, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(stream);
        var scales = new Half[Blocks];
        for (var r = 0; r < Rows; r++)
        {
            for (var b = 0; b < Blocks; b++)
                scales[b] = weight.Scales[(r * weight.GroupsPerRow) + Group(weight, b)];
            stream.Write(MemoryMarshal.AsBytes<Half>(scales));
        }
    }

    /// <summary>Bytes of a row of zero points.</summary>
    public int ZeroBytes => ((Blocks * Bits) + 7) / 8;

    /// <summary>A zero point a block, packed as the codes are, [rows, bytes].</summary>
    public void WriteZeros(QuantizedTensor weight, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(stream);
        var row = new byte[ZeroBytes];
        var perByte = 8 / Bits;
        for (var r = 0; r < Rows; r++)
        {
            row.AsSpan().Clear();
            for (var b = 0; b < Blocks; b++)
                row[b / perByte] |= (byte)(Unsigned(weight, weight.ZeroPoints![(r * weight.GroupsPerRow) + Group(weight, b)]) << (b % perByte * Bits));
            stream.Write(row);
        }
    }

    /// <summary>The codes of a row that <see cref="WriteCodes"/> wrote.</summary>
    /// <param name="row">Its <see cref="RowBytes"/> bytes.</param>
    /// <param name="scheme">The codes' alphabet.</param>
    /// <param name="codes">Takes <see cref="RowLength"/> codes.</param>
    public void ReadCodes(ReadOnlySpan<byte> row, QuantizationScheme scheme, Span<sbyte> codes)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        var (perByte, mask) = (8 / Bits, (1 << Bits) - 1);
        for (var i = 0; i < RowLength; i++)
            codes[i] = Signed(scheme, (row[i / perByte] >> (i % perByte * Bits)) & mask);
    }

    /// <summary>The scale of each group of a row, that of its blocks.</summary>
    /// <param name="row">A scale a block.</param>
    /// <param name="group">Codes of a group.</param>
    /// <param name="scales">Takes a scale a group.</param>
    public void ReadScales(ReadOnlySpan<Half> row, int group, Span<Half> scales)
    {
        for (var g = 0; g < scales.Length; g++)
            scales[g] = row[(int)((long)g * group / Block)];
    }

    /// <summary>The zero point of each group of a row.</summary>
    /// <param name="row">Its <see cref="ZeroBytes"/> bytes.</param>
    /// <param name="group">Codes of a group.</param>
    /// <param name="scheme">The codes' alphabet.</param>
    /// <param name="zeros">Takes a zero point a group.</param>
    public void ReadZeros(ReadOnlySpan<byte> row, int group, QuantizationScheme scheme, Span<sbyte> zeros)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        var (perByte, mask) = (8 / Bits, (1 << Bits) - 1);
        for (var g = 0; g < zeros.Length; g++)
        {
            var block = (int)((long)g * group / Block);
            zeros[g] = Signed(scheme, (row[block / perByte] >> (block % perByte * Bits)) & mask);
        }
    }

    private int Unsigned(QuantizedTensor weight, sbyte code) => code + (weight.Scheme.HasZeroPoints ? -weight.Scheme.MinCode : Zero);

    private sbyte Signed(QuantizationScheme scheme, int stored) => (sbyte)(stored - (scheme.HasZeroPoints ? -scheme.MinCode : Zero));

    private int Filling(QuantizedTensor weight, int row) =>
        weight.ZeroPoints is { } zeros ? Unsigned(weight, zeros[(row * weight.GroupsPerRow) + Group(weight, Blocks - 1)]) : Zero;

    private int Group(QuantizedTensor weight, int block) => block * Block / weight.GroupSize;

    // Of blocks that add little the largest: fewer scales, and the operators are faster.
    private static int Largest(int length)
    {
        foreach (var block in (ReadOnlySpan<int>)[128, 64, 32])
        {
            if (((length + block - 1) / block * block) <= length + (length / 20))
                return block;
        }
        return 16;
    }

    private static int Divisor(int group)
    {
        var block = group & -group;
        return block < 16 ? 0 : Math.Min(block, 128);
    }
}
