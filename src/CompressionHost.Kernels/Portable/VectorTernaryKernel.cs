namespace CompressionHost.Kernels;

/// <summary>Ternary weights on vectors of 128 bits, whatever the processor.</summary>
internal sealed unsafe class VectorTernaryKernel : ProductKernel
{
    public override string Name => "vector128-ternary";

    public override KernelPath Path => KernelPath.Portable;

    public override int RowBlock => VectorTernaryTile.Rows;

    public override long ScratchBytes(PackedWeights weights, int tokens) => TernaryTiles<VectorTernaryTile>.ScratchBytes(weights, tokens);

    public override void Multiply(PackedWeights weights, sbyte* x, long xStride, int tokens, int firstRow, int rows, float* y, long yStride, byte* scratch) =>
        TernaryTiles<VectorTernaryTile>.Multiply(weights, x, xStride, tokens, firstRow, rows, y, yStride, scratch);
}
