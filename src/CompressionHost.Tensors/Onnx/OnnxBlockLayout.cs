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

    /// <summary>What <see cref="WriteCodes"/> wrote.</summary>
    public sbyte[] ReadCodes(ReadOnlySpan<byte> bytes, QuantizationScheme scheme)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        var codes = new sbyte[checked(Rows * RowLength)];
        var (perByte, mask) = (8 / Bits, (1 << Bits) - 1);
        for (var r = 0; r < Rows; r++)
        {
            var row = bytes.Slice(r * RowBytes, RowBytes);
            for (var i = 0; i < RowLength; i++)
                codes[(r * RowLength) + i] = Signed(scheme, (row[i / perByte] >> (i % perByte * Bits)) & mask);
        }
        return codes;
    }

    /// <summary>The scale of each group, of those of its blocks.</summary>
    public Half[] ReadScales(ReadOnlySpan<Half> scales, int group)
    {
        var groups = (RowLength + group - 1) / group;
        var result = new Half[Rows * groups];
        for (var r = 0; r < Rows; r++)
        {
            for (var g = 0; g < groups; g++)
                result[(r * groups) + g] = scales[(r * Blocks) + (g * group / Block)];
        }
        return result;
    }

    /// <summary>The zero point of each group.</summary>
    public sbyte[] ReadZeros(ReadOnlySpan<byte> bytes, int group, QuantizationScheme scheme)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        var groups = (RowLength + group - 1) / group;
        var (perByte, mask) = (8 / Bits, (1 << Bits) - 1);
        var result = new sbyte[Rows * groups];
        for (var r = 0; r < Rows; r++)
        {
            for (var g = 0; g < groups; g++)
            {
                var b = g * group / Block;
                result[(r * groups) + g] = Signed(scheme, (bytes[(r * ZeroBytes) + (b / perByte)] >> (b % perByte * Bits)) & mask);
            }
        }
        return result;
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
