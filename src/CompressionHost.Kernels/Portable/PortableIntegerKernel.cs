using System.Runtime.Intrinsics;

namespace CompressionHost.Kernels;

/// <summary>A row at a time in 128-bit vectors: its codes become bytes once, which every token then meets.</summary>
internal sealed unsafe class PortableIntegerKernel<TCodes> : ProductKernel
    where TCodes : struct, ICodes
{
    public override string Name => $"portable-{TCodes.Name}";

    public override KernelPath Path => KernelPath.Portable;

    public override long ScratchBytes(PackedWeights weights, int tokens) => RowBuffer(weights) + (long)tokens * weights.Groups * sizeof(int);

    public override void Multiply(PackedWeights weights, sbyte* x, long xStride, int tokens, int firstRow, int rows, float* y, long yStride, byte* scratch)
    {
        var sums = (int*)(scratch + RowBuffer(weights));
        TokenSums.Compute(weights, x, xStride, tokens, 1, sums);
        for (var r = firstRow; r < firstRow + rows; r++)
        {
            var codes = weights.Codes + (long)r * weights.RowBytes;
            for (var c = 0; c < weights.Columns; c += ICodes.Chunk)
                TCodes.Expand(codes, c, Math.Min(ICodes.Chunk, weights.Columns - c), scratch + c);
            for (var t = 0; t < tokens; t++)
                y[t * yStride + r] = Row(weights, r, scratch, x + t * xStride, sums + (long)t * weights.Groups);
        }
    }

    private static long RowBuffer(PackedWeights weights) => ((long)weights.Columns + ICodes.Chunk - 1) / ICodes.Chunk * ICodes.Chunk;

    private static float Row(PackedWeights weights, int row, byte* bytes, sbyte* x, int* sums)
    {
        var result = 0f;
        for (var g = 0; g < weights.Groups; g++)
        {
            var start = g * weights.Group;
            var place = (long)g * weights.ScaleStride + row;
            var zero = weights.Zeros is null ? TCodes.Zero : weights.Zeros[place];
            var sum = Dot(bytes + start, x + start, Math.Min(weights.Group, weights.Columns - start)) - zero * sums[g];
            result = MathF.FusedMultiplyAdd(sum, weights.Scales[place], result);
        }
        return result;
    }

    // 255 * 127 fits int16. The 32-bit sums may wrap on the way where int8's offset of 128 makes them large; the difference from the zero point's does not.
    private static int Dot(byte* bytes, sbyte* x, int count)
    {
        var c = 0;
        var sums = Vector128<int>.Zero;
        for (; c <= count - 16; c += 16)
        {
            var (w0, w1) = Vector128.Widen(Vector128.Load(bytes + c));
            var (x0, x1) = Vector128.Widen(Vector128.Load(x + c));
            var (a, b) = Vector128.Widen(w0.AsInt16() * x0);
            var (d, e) = Vector128.Widen(w1.AsInt16() * x1);
            sums += a + b + (d + e);
        }
        var sum = Vector128.Sum(sums);
        for (; c < count; c++)
            sum += bytes[c] * x[c];
        return sum;
    }
}
