using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Packers;

/// <summary>The values of one tensor, some rows at a time, so that a large one is not in memory in float32 at once.</summary>
internal sealed class GgufTensorValues
{
    // Values at a time; a longer row is taken whole.
    private const int ChunkValues = 1 << 18;

    private readonly CompressedTensor _tensor;
    private readonly GgufType _type;
    private readonly bool _exact;
    private readonly int _rows;
    private readonly int _rowLength;
    private readonly int _chunkRows;

    public GgufTensorValues(CompressedTensor tensor, GgufType type)
    {
        (_tensor, _type) = (tensor, type);
        _exact = tensor.Quantized is { } q && GgufBlocks.IsExact(type, q.Scheme, q.Shape, q.GroupSize);
        _rows = tensor.Shape.Count == 0 ? 1 : checked((int)tensor.Shape[0]);
        _rowLength = tensor.Quantized?.RowLength ?? tensor.Dense!.Length / _rows;
        _chunkRows = Math.Clamp(ChunkValues / _rowLength, 1, _rows);
    }

    /// <exception cref="InvalidInputException">A weight is beyond the range of float16.</exception>
    public void Write(Stream stream, CancellationToken cancellationToken)
    {
        var floats = new float[_chunkRows * _rowLength];
        var bytes = new byte[Bytes(floats.Length)];
        for (var row = 0; row < _rows; row += _chunkRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rows = Math.Min(_chunkRows, _rows - row);
            var length = Bytes(rows * _rowLength);
            if (_exact && _type.IsQuantized())
                GgufBlocks.EncodeRows(_type, _tensor.Quantized!, row, rows, bytes);
            else if (!GgufBlocks.TryEncode(_type, Read(row, rows, floats), bytes))
                throw new InvalidInputException($"Tensor '{_tensor.Name}' has weights or scales beyond the range of float16, which {_type} needs. Pack the model as 'native', or as 'huggingface' with 'type: float32'.");
            stream.Write(bytes.AsSpan(0, length));
        }
    }

    /// <summary>Whether a file's blocks decode to the model's weights: to the last bit where the type is exact, finite everywhere.</summary>
    public bool IsIn(ReadOnlySpan<byte> blocks, CancellationToken cancellationToken)
    {
        var expected = new float[_chunkRows * _rowLength];
        var decoded = new float[expected.Length];
        for (var row = 0; row < _rows; row += _chunkRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rows = Math.Min(_chunkRows, _rows - row);
            var values = decoded.AsSpan(0, rows * _rowLength);
            GgufBlocks.Decode(_type, blocks.Slice(Bytes(row * _rowLength), Bytes(values.Length)), values);
            if ((_exact || _tensor.Dense is not null) && !values.SequenceEqual(Read(row, rows, expected)))
                return false;
        }
        return true;
    }

    private ReadOnlySpan<float> Read(int row, int rows, Span<float> buffer)
    {
        buffer = buffer[..(rows * _rowLength)];
        if (_tensor.Quantized is { } q)
            q.DequantizeRows(row, rows, buffer);
        else
            HalfFloats.Widen(_tensor.Dense.AsSpan(row * _rowLength, buffer.Length), buffer);
        return buffer;
    }

    // Whole rows are whole blocks.
    private int Bytes(int values) => checked(values / _type.BlockSize() * _type.BlockBytes());
}
