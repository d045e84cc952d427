namespace CompressionHost.Kernels;

/// <summary>One way to compute a product of packed weights with int8 activations. Stateless.</summary>
internal abstract unsafe class ProductKernel
{
    /// <summary>Such as <c>avx512-lookup</c>: what ran, for tests and reports.</summary>
    public abstract string Name { get; }

    /// <summary>The instruction set it needs.</summary>
    public abstract KernelPath Path { get; }

    /// <summary>A range of rows starts at a multiple of this.</summary>
    public virtual int RowBlock => 1;

    /// <summary>Whether it can compute with these weights (their group size, for one).</summary>
    public virtual bool Takes(PackedWeights weights) => true;

    /// <summary>Bytes of scratch memory, 64-byte aligned, that a call with up to this many tokens needs.</summary>
    public abstract long ScratchBytes(PackedWeights weights, int tokens);

    /// <summary>
    /// <c>y[t, r] = sum over groups g, in order, of fma(float(sum over c in g of code[r, c] * x[t, c]), scale[r, g], y)</c>, starting from 0; the inner sum is an
    /// exact integer. The scale of the token and the bias are left to the caller, who passes over the row anyway.
    /// </summary>
    /// <param name="weights">[rows, columns].</param>
    /// <param name="x">Codes of the first token; rows padded with zeros to a multiple of 64, 256 readable bytes after the last.</param>
    /// <param name="xStride">Bytes between tokens.</param>
    /// <param name="tokens">How many tokens, at least 1.</param>
    /// <param name="firstRow">First row of the weights, a multiple of <see cref="RowBlock"/>.</param>
    /// <param name="rows">How many rows; up to the last row, or a multiple of <see cref="RowBlock"/>.</param>
    /// <param name="y">Output of the first token and of row 0 of the weights; y[t * yStride + r] is written for the rows of the range and for no other.</param>
    /// <param name="yStride">Floats between tokens.</param>
    /// <param name="scratch"><see cref="ScratchBytes(PackedWeights, int)"/>, 64-byte aligned.</param>
    public abstract void Multiply(PackedWeights weights, sbyte* x, long xStride, int tokens, int firstRow, int rows, float* y, long yStride, byte* scratch);

    /// <summary>Bytes of scratch memory that <see cref="MultiplyAll"/> needs.</summary>
    public virtual long ScratchBytes(ReadOnlySpan<PackedWeights> weights, int tokens)
    {
        var most = 0L;
        foreach (var w in weights)
            most = Math.Max(most, ScratchBytes(w, tokens));
        return most;
    }

    /// <summary>The products of several weights with the same activations, such as queries, keys and values: what is prepared of a token serves all of them.</summary>
    /// <param name="weights">Of the same columns.</param>
    /// <param name="x">As in <see cref="Multiply"/>.</param>
    /// <param name="xStride">Bytes between tokens.</param>
    /// <param name="tokens">How many tokens, at least 1.</param>
    /// <param name="y">An output for each of the weights.</param>
    /// <param name="yStride">Floats between tokens, of all outputs.</param>
    /// <param name="scratch"><see cref="ScratchBytes(ReadOnlySpan{PackedWeights}, int)"/>, 64-byte aligned.</param>
    public virtual void MultiplyAll(ReadOnlySpan<PackedWeights> weights, sbyte* x, long xStride, int tokens, float** y, long yStride, byte* scratch)
    {
        for (var i = 0; i < weights.Length; i++)
            Multiply(weights[i], x, xStride, tokens, 0, weights[i].Rows, y[i], yStride, scratch);
    }
}
