using System.Runtime.InteropServices;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Engine;

/// <summary>Reads weights where they are: a copy of each would double the memory of a large model.</summary>
internal static class WeightValues
{
    /// <summary>Values in float32 at a time: 256 KiB of them stay in the second-level cache.</summary>
    public const int BlockValues = 1 << 16;

    /// <summary>The values of a contiguous float32 tensor on the CPU. Valid while the tensor is.</summary>
    public static Span<float> Of(torch.Tensor contiguous) => MemoryMarshal.Cast<byte, float>(contiguous.bytes);

    /// <summary>A buffer for any of <see cref="Blocks"/>.</summary>
    public static float[] Buffer(QuantizedTensor tensor) => new float[(long)RowsOfBlock(tensor) * tensor.RowLength];

    /// <summary>A tensor's rows in blocks, in order.</summary>
    public static IEnumerable<(int First, int Count)> Blocks(QuantizedTensor tensor)
    {
        var rows = RowsOfBlock(tensor);
        for (var first = 0; first < tensor.Rows; first += rows)
            yield return (first, Math.Min(rows, tensor.Rows - first));
    }

    private static int RowsOfBlock(QuantizedTensor tensor) => Math.Clamp(BlockValues / tensor.RowLength, 1, tensor.Rows);
}
