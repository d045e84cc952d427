namespace CompressionHost.Kernels;

/// <summary>Ternary weights on an instruction set: tiles for many tokens.</summary>
internal sealed unsafe class TernaryKernel<TTile>(string name, KernelPath path) : ProductKernel
    where TTile : struct, ITernaryTile
{
    public override string Name => name;

    public override KernelPath Path => path;

    public override int RowBlock => TTile.Rows;

    public override bool Takes(PackedWeights weights) => TernaryTiles<TTile>.Takes(weights);

    public override long ScratchBytes(PackedWeights weights, int tokens) => TernaryTiles<TTile>.ScratchBytes(weights, tokens);

    public override void Multiply(PackedWeights weights, sbyte* x, long xStride, int tokens, int firstRow, int rows, float* y, long yStride, byte* scratch) =>
        TernaryTiles<TTile>.Multiply(weights, x, xStride, tokens, firstRow, rows, y, yStride, scratch);
}
