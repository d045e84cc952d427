using System.Runtime.InteropServices;
using CompressionHost.Tensors;

namespace CompressionHost.Plugins.Packers;

/// <summary>Writes tensors as values, dequantized a block at a time.</summary>
internal static class DenseValues
{
    // Values dequantized at a time.
    private const int BlockValues = 1 << 18;

    /// <exception cref="InvalidInputException">A weight is beyond the range of float16.</exception>
    public static void Write(CompressedTensor tensor, ElementType type, Stream stream, CancellationToken cancellationToken)
    {
        if (tensor.Quantized is { } quantized)
            WriteQuantized(tensor.Name, quantized, type, stream, cancellationToken);
        else if (type == ElementType.Float16)
            stream.Write(MemoryMarshal.AsBytes<Half>(tensor.Dense));
        else
            WriteDense(tensor.Dense!, stream);
    }

    private static void WriteQuantized(string name, QuantizedTensor tensor, ElementType type, Stream stream, CancellationToken cancellationToken)
    {
        var rows = Math.Clamp(BlockValues / tensor.RowLength, 1, tensor.Rows);
        var floats = new float[rows * tensor.RowLength];
        var halves = type == ElementType.Float16 ? new Half[floats.Length] : [];
        for (var row = 0; row < tensor.Rows; row += rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(rows, tensor.Rows - row);
            var block = floats.AsSpan(0, count * tensor.RowLength);
            tensor.DequantizeRows(row, count, block);
            if (type == ElementType.Float32)
            {
                stream.Write(MemoryMarshal.AsBytes(block));
                continue;
            }
            var narrow = halves.AsSpan(0, block.Length);
            HalfFloats.Narrow(block, narrow);
            if (narrow.ContainsAny(Half.PositiveInfinity, Half.NegativeInfinity))
                throw new InvalidInputException($"Tensor '{name}' has weights beyond the range of float16; write it with 'type: float32'.");
            stream.Write(MemoryMarshal.AsBytes(narrow));
        }
    }

    private static void WriteDense(Half[] values, Stream stream)
    {
        var floats = new float[Math.Min(values.Length, BlockValues)];
        for (var i = 0; i < values.Length; i += BlockValues)
        {
            var part = values.AsSpan(i, Math.Min(BlockValues, values.Length - i));
            HalfFloats.Widen(part, floats);
            stream.Write(MemoryMarshal.AsBytes(floats.AsSpan(0, part.Length)));
        }
    }
}
