using System.Runtime.CompilerServices;

namespace CompressionHost.Kernels;

/// <summary>
/// The product of ternary weights with one token or a few. Reading the weights is what it costs, so each 2-bit code is read once, in the order in which the codes
/// lie, and nothing is unpacked to memory.
/// </summary>
internal static unsafe class TernaryRows<TRows>
    where TRows : struct, ITernaryRows
{
    public static long ScratchBytes(PackedWeights weights, int tokens)
    {
        var (stride, chunks) = Size(weights);
        return tokens * stride + (long)chunks * tokens * sizeof(int);
    }

    /// <summary>As <see cref="ProductKernel.Multiply"/>, for weights whose groups begin on a whole byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(PackedWeights weights, sbyte* x, long xStride, int tokens, int firstRow, int rows, float* y, long yStride, byte* scratch)
    {
        var (stride, _) = Size(weights);
        var sums = (int*)(scratch + tokens * stride);
        Arrange(weights, x, xStride, tokens, scratch, stride, sums);
        var result = stackalloc int[TRows.Rows];
        for (var row = firstRow; row < firstRow + rows; row += TRows.Rows)
        {
            var present = Math.Min(TRows.Rows, firstRow + rows - row);
            var codes = weights.Codes + (long)row * weights.RowBytes;
            // Later tokens find the rows in the first-level cache.
            for (var t = 0; t < tokens; t++)
            {
                var planes = scratch + t * stride;
                var chunk = new ColumnChunks(weights, TRows.MaxColumns);
                while (chunk.MoveNext())
                {
                    Sum(codes + chunk.Column / 4, weights.RowBytes, present, (chunk.Width + 3) / 4, planes, sums[chunk.Index * tokens + t], result, !chunk.IsFirst);
                    if (chunk.IsLast)
                    {
                        var scales = weights.Scales + (long)chunk.Group * weights.ScaleStride + row;
                        GroupScale.Apply(result, scales, chunk.Group == 0 ? null : y + t * yStride + row, y + t * yStride + row, present);
                    }
                    planes += Padded(chunk.Width);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Sum(byte* codes, int rowBytes, int rows, int bytes, byte* planes, int sum, int* result, bool add)
    {
        var whole = bytes / VectorBytes * VectorBytes;
        if (whole > 0)
            TRows.Sum(codes, rowBytes, rows, whole, planes, sum, result, add);
        if (whole < bytes)
            SumRest(codes + whole, rowBytes, rows, bytes - whole, planes + 4 * whole, whole > 0 ? 0 : sum, result, add || whole > 0);
    }

    // What follows the chunk may be nobody's memory. What follows its copy is multiplied by the zeros that follow the activations.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumRest(byte* codes, int rowBytes, int rows, int bytes, byte* planes, int sum, int* result, bool add)
    {
        var copy = stackalloc byte[TRows.Rows * VectorBytes];
        for (var r = 0; r < rows; r++)
            Unsafe.CopyBlockUnaligned(copy + r * VectorBytes, codes + (long)r * rowBytes, (uint)bytes);
        TRows.Sum(copy, VectorBytes, rows, VectorBytes, planes, sum, result, add);
    }

    private static int VectorBytes => TRows.Block / 4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Arrange(PackedWeights weights, sbyte* x, long xStride, int tokens, byte* planes, long stride, int* sums)
    {
        for (var t = 0; t < tokens; t++)
        {
            var to = planes + t * stride;
            var chunk = new ColumnChunks(weights, TRows.MaxColumns);
            while (chunk.MoveNext())
            {
                sums[chunk.Index * tokens + t] = ActivationPlanes.Arrange(x + t * xStride + chunk.Column, chunk.Width, TRows.Block, to);
                to += Padded(chunk.Width);
            }
        }
    }

    private static (long Stride, int Chunks) Size(PackedWeights weights)
    {
        var columns = 0L;
        var chunk = new ColumnChunks(weights, TRows.MaxColumns);
        while (chunk.MoveNext())
            columns += Padded(chunk.Width);
        return ((columns + 63) & ~63L, chunk.Index + 1);
    }

    private static int Padded(int width) => (width + TRows.Block - 1) / TRows.Block * TRows.Block;
}
