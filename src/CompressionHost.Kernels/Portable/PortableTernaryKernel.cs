namespace CompressionHost.Kernels;

/// <summary>The product as it is defined, one code at a time.</summary>
internal sealed unsafe class PortableTernaryKernel : ProductKernel
{
    public override string Name => "portable-ternary";

    public override KernelPath Path => KernelPath.Portable;

    public override long ScratchBytes(PackedWeights weights, int tokens) => 0;

    public override void Multiply(PackedWeights weights, sbyte* x, long xStride, int tokens, int firstRow, int rows, float* y, long yStride, byte* scratch)
    {
        for (var t = 0; t < tokens; t++)
        {
            for (var r = firstRow; r < firstRow + rows; r++)
                y[t * yStride + r] = Row(weights, r, x + t * xStride);
        }
    }

    private static float Row(PackedWeights weights, int row, sbyte* x)
    {
        var codes = weights.Codes + (long)row * weights.RowBytes;
        var result = 0f;
        for (var g = 0; g < weights.Groups; g++)
        {
            var end = Math.Min((g + 1) * weights.Group, weights.Columns);
            var sum = 0;
            for (var c = g * weights.Group; c < end; c++)
                sum += (((codes[c >> 2] >> (2 * (c & 3))) & 3) - 1) * x[c];
            result = MathF.FusedMultiplyAdd(sum, weights.Scales[(long)g * weights.ScaleStride + row], result);
        }
        return result;
    }
}
