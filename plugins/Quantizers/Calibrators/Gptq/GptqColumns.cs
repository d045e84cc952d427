using System.Numerics;
using System.Runtime.InteropServices;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Plugins.Quantizers;

/// <summary>The innermost loop of GPTQ: the columns of one block, whose errors reach only the block; rows do not know of each other.</summary>
/// <param name="scheme">The alphabet.</param>
/// <param name="grid">Scales and zero points, chosen by the time a column is reached.</param>
/// <param name="group">Columns that share a scale.</param>
/// <param name="order">Which column of the weight each column is; null for the order they are in.</param>
/// <param name="rows">Rows of the weight.</param>
/// <param name="width">Columns of the weight.</param>
internal sealed class GptqColumns(QuantizationScheme scheme, GroupGrid grid, int group, int[]? order, int rows, int width)
{
    private readonly int _groupsPerRow = (width + group - 1) / group;

    /// <summary>Codes of the weight, in its own order.</summary>
    public sbyte[] Codes { get; } = NewCodes(scheme, rows * width);

    /// <summary>Quantizes a block of columns (arXiv 2210.17323, algorithm 1, inner loop).</summary>
    /// <param name="work">float32 [rows, width], contiguous: the weights as the columns before have left them. The block's are changed.</param>
    /// <param name="factor">U, float32 [width, width], contiguous.</param>
    /// <param name="start">The first column.</param>
    /// <param name="end">Beyond the last column.</param>
    /// <returns>float32 [rows, columns]: each column's error over the diagonal of U, for the columns after the block.</returns>
    public torch.Tensor Quantize(torch.Tensor work, torch.Tensor factor, int start, int end)
    {
        var length = end - start;
        var errors = torch.empty(rows, length, dtype: torch.ScalarType.Float32);
        var w = Floats(work);
        var u = Floats(factor);
        var e = Floats(errors);
        for (var row = 0; row < rows; row++)
        {
            var values = w.Slice(row * width + start, length);
            for (var i = 0; i < length; i++)
            {
                var column = order is null ? start + i : order[start + i];
                var g = row * _groupsPerRow + column / group;
                var (scale, zero) = ((float)grid.Scales[g], grid.Zeros?[g] ?? 0);
                var code = CodeRounding.Nearest(scheme, values[i], scale, zero);
                Codes[row * width + column] = code;
                var influence = u.Slice((start + i) * width + start + i, length - i);
                var error = (values[i] - scale * (code - zero)) / influence[0];
                e[row * length + i] = error;
                SubtractScaled(values[(i + 1)..], influence[1..], error);
            }
        }
        return errors;
    }

    private static Span<float> Floats(torch.Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    private static void SubtractScaled(Span<float> values, ReadOnlySpan<float> direction, float factor)
    {
        var i = 0;
        var f = new Vector<float>(factor);
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(values[i..]) - new Vector<float>(direction[i..]) * f).CopyTo(values[i..]);
        for (; i < values.Length; i++)
            values[i] -= direction[i] * factor;
    }

    private static sbyte[] NewCodes(QuantizationScheme scheme, int count)
    {
        var codes = new sbyte[count];
        codes.AsSpan().Fill(scheme.MaxCode);
        return codes;
    }
}
