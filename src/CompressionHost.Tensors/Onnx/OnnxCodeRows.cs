using System.Runtime.InteropServices;

namespace CompressionHost.Tensors;

/// <summary>The codes of a weight in a packed ONNX model with their scales and zero points, a row at a time: nothing more is ever unpacked.</summary>
public sealed class OnnxCodeRows
{
    private readonly OnnxStoredWeight _weight;
    private readonly OnnxFile _file;
    private readonly OnnxBlockLayout? _layout;
    private readonly ReadOnlyMemory<byte> _packedCodes;
    private readonly ReadOnlyMemory<byte> _packedScales;
    private readonly ReadOnlyMemory<byte> _packedZeros;
    private readonly sbyte[] _codes;
    private readonly Half[] _scales;
    private readonly sbyte[] _zeros;

    internal OnnxCodeRows(OnnxStoredWeight weight, OnnxFile file, IReadOnlyDictionary<string, OnnxTensor> tensors)
    {
        (_weight, _file, Scheme, GroupSize) = (weight, file, weight.Scheme!, weight.Group);
        try
        {
            Rows = checked((int)weight.Shape[0]);
            RowLength = checked((int)(weight.Count / Rows));
        }
        catch (OverflowException)
        {
            throw Fault($"has the shape [{string.Join(", ", weight.Shape)}], which is more than can be read");
        }
        if (GroupSize < 1 || GroupSize > RowLength)
            throw Fault($"has groups of {GroupSize} in rows of {RowLength}");
        var groups = (int)(((long)RowLength + GroupSize - 1) / GroupSize);
        var (codeBytes, scaleBytes, zeroBytes) = (RowLength, groups * 2L, groups);
        if (weight.Form == OnnxStoredWeight.Blocks)
        {
            if (weight.Bits is not (2 or 4 or 8) || weight.Block < 16 || (weight.Block & (weight.Block - 1)) != 0 || weight.Block > 256)
                throw Fault($"has blocks of {weight.Block} codes of {weight.Bits} bits");
            // A group is whole blocks, or all of a row.
            if (GroupSize < RowLength && GroupSize % weight.Block != 0)
                throw Fault($"has groups of {GroupSize} in blocks of {weight.Block}");
            var layout = new OnnxBlockLayout(weight.Bits, weight.Block, Rows, RowLength);
            (_layout, codeBytes, scaleBytes, zeroBytes) = (layout, layout.RowBytes, layout.Blocks * 2L, layout.ZeroBytes);
        }
        _packedCodes = Part(tensors, "codes", codeBytes);
        _packedScales = Part(tensors, "scales", scaleBytes);
        _packedZeros = Scheme.HasZeroPoints ? Part(tensors, "zeros", zeroBytes) : default;
        (_codes, _scales, _zeros) = (new sbyte[RowLength], new Half[groups], Scheme.HasZeroPoints ? new sbyte[groups] : []);
    }

    /// <summary>The codes' alphabet.</summary>
    public QuantizationScheme Scheme { get; }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Codes of a row.</summary>
    public int RowLength { get; }

    /// <summary>Codes that share a scale.</summary>
    public int GroupSize { get; }

    /// <summary>The codes of the row that was read last.</summary>
    public ReadOnlySpan<sbyte> Codes => _codes;

    /// <summary>Its scales, one a group.</summary>
    public ReadOnlySpan<Half> Scales => _scales;

    /// <summary>Its zero points, one a group; empty where the scheme has none.</summary>
    public ReadOnlySpan<sbyte> ZeroPoints => _zeros;

    /// <summary>Reads a row.</summary>
    /// <exception cref="InvalidInputException">It has a code, scale or zero point that there cannot be.</exception>
    public void Read(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows);
        var codes = Row(_packedCodes, row);
        var scales = MemoryMarshal.Cast<byte, Half>(Row(_packedScales, row));
        var zeros = Row(_packedZeros, row);
        if (_layout is { } layout)
        {
            layout.ReadCodes(codes, Scheme, _codes);
            layout.ReadScales(scales, GroupSize, _scales);
            layout.ReadZeros(zeros, GroupSize, Scheme, _zeros);
        }
        else
        {
            MemoryMarshal.Cast<byte, sbyte>(codes).CopyTo(_codes);
            scales.CopyTo(_scales);
            MemoryMarshal.Cast<byte, sbyte>(zeros).CopyTo(_zeros);
        }
        if (!Scheme.Contains(_codes) || !Scheme.Contains(_zeros))
            throw Fault($"has in row {row} a code or zero point that is not one of {Scheme.CodesInWords}, those of '{Scheme.Name}'");
        foreach (var scale in _scales)
        {
            if (!Half.IsFinite(scale))
                throw Fault($"has in row {row} a scale that is not finite");
        }
    }

    /// <summary>How many codes of the row that was read last stand for zero.</summary>
    public int CountZeros() => QuantizedTensor.CountZeros(_codes, _zeros, GroupSize);

    /// <summary>Reads rows and writes their values, as <see cref="QuantizedTensor.DequantizeRows"/>.</summary>
    /// <param name="firstRow">The first row, from 0.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="destination">At least <paramref name="rows"/> times <see cref="RowLength"/> values, row-major.</param>
    /// <exception cref="InvalidInputException">As <see cref="Read"/>.</exception>
    public void Dequantize(int firstRow, int rows, Span<float> destination)
    {
        for (var row = 0; row < rows; row++)
        {
            Read(firstRow + row);
            QuantizedTensor.DequantizeRow(_codes, _scales, _zeros, GroupSize, destination.Slice(row * RowLength, RowLength));
        }
    }

    private ReadOnlySpan<byte> Row(ReadOnlyMemory<byte> packed, int row)
    {
        var length = packed.Length / Rows;
        return packed.Span.Slice(row * length, length);
    }

    private ReadOnlyMemory<byte> Part(IReadOnlyDictionary<string, OnnxTensor> tensors, string part, long rowBytes)
    {
        if (!tensors.TryGetValue($"{_weight.Name}.{part}", out var tensor))
            throw Fault($"lacks its tensor '{_weight.Name}.{part}'");
        if (tensor.IsTyped || tensor.Bytes != Rows * rowBytes)
            throw Fault($"has {tensor.Bytes} bytes in '{tensor.Name}' where {Rows * rowBytes} are expected, or has them one by one");
        return tensor.ReadMemory();
    }

    private InvalidInputException Fault(string what) => _file.Fault($"the weight '{_weight.Name}' of its metadata {what}");
}
