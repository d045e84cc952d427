namespace CompressionHost.Kernels;

/// <summary>The kernels of one width; each is in a class of its own.</summary>
internal sealed unsafe class FloatKernels<TOps, TVector> : FloatKernels
    where TOps : ISimd<TVector>
    where TVector : struct
{
    public override int Lanes => TOps.Lanes;

    public override float LayerNorm(float* x, float* gain, float* bias, int count, float epsilon, float* y) =>
        RowKernels<TOps, TVector>.LayerNorm(x, gain, bias, count, epsilon, y);

    public override float Gelu(float* y, float scale, float* bias, int padded) => RowKernels<TOps, TVector>.Gelu(y, scale, bias, padded);

    public override float QuickGelu(float* y, float scale, float* bias, int padded) => RowKernels<TOps, TVector>.QuickGelu(y, scale, bias, padded);

    public override float LargestMagnitude(float* x, int padded) => RowKernels<TOps, TVector>.LargestMagnitude(x, padded);

    public override float Quantize(float* x, int padded, float largest, sbyte* codes) => RowKernels<TOps, TVector>.Quantize(x, padded, largest, codes);

    public override void AddProduct(float* y, float scale, float* bias, int padded, float* sum) =>
        RowKernels<TOps, TVector>.AddProduct(y, scale, bias, padded, sum);

    public override void ScaleProduct(float* y, float scale, float* bias, int padded, float* result) =>
        RowKernels<TOps, TVector>.ScaleProduct(y, scale, bias, padded, result);

    public override void Dot(float* x, long xStride, int tokens, float* w, long wStride, int rows, int padded, float* y, long yStride) =>
        DotKernel<TOps, TVector>.Multiply(x, xStride, tokens, w, wStride, rows, padded, y, yStride);

    public override void QuantizeHeads(float* x, int heads, int dim, int most, short* codes, float* scales, long scaleStride) =>
        HeadCodes<TOps, TVector>.Quantize(x, heads, dim, most, codes, scales, scaleStride);

    public override void StoreKey(short* codes, int heads, int dim, short* keys, long keyStride, int key) =>
        HeadCodes<TOps, TVector>.StoreKey(codes, heads, dim, keys, keyStride, key);

    public override void StoreValue(short* codes, int heads, int dim, short* values, long valueStride, int rowStride, int key) =>
        HeadCodes<TOps, TVector>.StoreValue(codes, heads, dim, values, valueStride, rowStride, key);

    public override void StoreValues(short* codes, short* next, int heads, int dim, short* values, long valueStride, int rowStride, int key) =>
        HeadCodes<TOps, TVector>.StoreValues(codes, next, heads, dim, values, valueStride, rowStride, key);

    public override void Attend(in HeadQueries q, int queries, in HeadMemory head, int firstPosition, float* output, long outputStride, float* scratch) =>
        AttentionKernel<TOps, TVector>.Attend(q, queries, head, firstPosition, output, outputStride, scratch);
}
