namespace CompressionHost.Kernels;

/// <summary>Another kernel, relieved of calls with too few tokens to be worth its unpacking.</summary>
internal sealed unsafe class FewTokensKernel<TRows>(ProductKernel many) : ProductKernel
    where TRows : struct, ITernaryRows
{
    public override string Name => many.Name;

    public override KernelPath Path => many.Path;

    public override int RowBlock => many.RowBlock;

    public override bool Takes(PackedWeights weights) => (weights.Groups == 1 || weights.Group % 4 == 0) && many.Takes(weights);

    // A kernel is asked once for up to so many tokens.
    public override long ScratchBytes(PackedWeights weights, int tokens)
    {
        var few = TernaryRows<TRows>.ScratchBytes(weights, Math.Min(tokens, TRows.MostTokens));
        return Math.Max(few, many.ScratchBytes(weights, tokens));
    }

    public override void Multiply(PackedWeights weights, sbyte* x, long xStride, int tokens, int firstRow, int rows, float* y, long yStride, byte* scratch)
    {
        if (tokens <= TRows.MostTokens)
            TernaryRows<TRows>.Multiply(weights, x, xStride, tokens, firstRow, rows, y, yStride, scratch);
        else
            many.Multiply(weights, x, xStride, tokens, firstRow, rows, y, yStride, scratch);
    }

    public override long ScratchBytes(ReadOnlySpan<PackedWeights> weights, int tokens) =>
        Math.Max(base.ScratchBytes(weights, tokens), many.ScratchBytes(weights, tokens));

    public override void MultiplyAll(ReadOnlySpan<PackedWeights> weights, sbyte* x, long xStride, int tokens, float** y, long yStride, byte* scratch)
    {
        if (tokens <= TRows.MostTokens)
            base.MultiplyAll(weights, x, xStride, tokens, y, yStride, scratch);
        else
            many.MultiplyAll(weights, x, xStride, tokens, y, yStride, scratch);
    }
}
