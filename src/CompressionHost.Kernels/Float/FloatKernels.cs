namespace CompressionHost.Kernels;

/// <summary>
/// The float32 parts of a transformer, for one width of vector. Rows are padded with zeros to a multiple of <see cref="Padding"/>: kernels read and write
/// whole vectors, and what is zero in the padding stays zero. Results do not depend on how rows are split between calls.
/// </summary>
internal abstract unsafe class FloatKernels
{
    /// <summary>Floats that a row is padded to a multiple of: the widest vector.</summary>
    public const int Padding = 16;

    /// <summary>Query rows that <see cref="Attend"/> reads at once: as many beyond the last must be readable.</summary>
    public const int QueryBlock = 6;

    /// <summary>Floats of a vector.</summary>
    public abstract int Lanes { get; }

    /// <summary>Keys of a panel of <see cref="Attend"/>.</summary>
    public int Panel => 2 * Lanes;

    /// <summary>The kernels for an instruction set.</summary>
    public static FloatKernels For(KernelPath path) => path switch
    {
        KernelPath.Avx512 => new FloatKernels<Simd512, System.Runtime.Intrinsics.Vector512<float>>(),
        KernelPath.Avx2 => new FloatKernels<Simd256, System.Runtime.Intrinsics.Vector256<float>>(),
        _ => new FloatKernels<Simd128, System.Runtime.Intrinsics.Vector128<float>>(),
    };

    public static int Pad(int count) => (count + Padding - 1) / Padding * Padding;

    /// <summary>y = (x - mean) / sqrt(variance + epsilon) * gain + bias over one row.</summary>
    /// <param name="x">The row.</param>
    /// <param name="gain">Padded.</param>
    /// <param name="bias">Padded.</param>
    /// <param name="count">Values of the row, without padding.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="y">Receives the row; may be <paramref name="x"/>.</param>
    /// <returns>Largest magnitude of y.</returns>
    public abstract float LayerNorm(float* x, float* gain, float* bias, int count, float epsilon, float* y);

    /// <summary>y = gelu(y * scale + bias) with the exact error function.</summary>
    /// <returns>Largest magnitude of the result.</returns>
    public abstract float Gelu(float* y, float scale, float* bias, int padded);

    /// <summary>y = quickgelu(y * scale + bias), x * sigmoid(1.702 x).</summary>
    /// <returns>Largest magnitude of the result.</returns>
    public abstract float QuickGelu(float* y, float scale, float* bias, int padded);

    /// <summary>Largest magnitude of a row.</summary>
    public abstract float LargestMagnitude(float* x, int padded);

    /// <summary>Int8 codes of a row, as <see cref="ActivationQuantizer"/> defines them.</summary>
    /// <param name="x">Finite values.</param>
    /// <param name="padded">How many, padding included.</param>
    /// <param name="largest">Largest magnitude.</param>
    /// <param name="codes">Receives the codes.</param>
    /// <returns>The scale.</returns>
    public abstract float Quantize(float* x, int padded, float largest, sbyte* codes);

    /// <summary>sum += y * scale + bias.</summary>
    public abstract void AddProduct(float* y, float scale, float* bias, int padded, float* sum);

    /// <summary>result = (y * scale + bias) * factor.</summary>
    public abstract void ScaleProduct(float* y, float scale, float* bias, float factor, int padded, float* result);

    /// <summary>y[t, r] = sum over c of x[t, c] * w[r, c], lanes added last.</summary>
    public abstract void Dot(float* x, long xStride, int tokens, float* w, long wStride, int rows, int padded, float* y, long yStride);

    /// <summary>
    /// softmax(q k^T) v of one head for queries of one sequence. Keys lie in panels of <see cref="Panel"/>: panel p holds element d of its keys at
    /// <c>keys + p * dim * Panel + d * Panel</c>. Values lie in rows of <paramref name="valueStride"/> floats, a multiple of <see cref="Panel"/>.
    /// </summary>
    /// <param name="q">First query, scaled; <see cref="QueryBlock"/> rows past the last are readable.</param>
    /// <param name="qStride">Floats between queries.</param>
    /// <param name="queries">How many.</param>
    /// <param name="keys">First panel of the sequence.</param>
    /// <param name="values">First value of the sequence.</param>
    /// <param name="valueStride">Floats between values.</param>
    /// <param name="length">Keys of the sequence.</param>
    /// <param name="dim">Size of a head.</param>
    /// <param name="firstPosition">Position of the first query, which sees no later key; negative where every query sees all keys.</param>
    /// <param name="output">Receives dim values a query.</param>
    /// <param name="outputStride">Floats between results.</param>
    /// <param name="scratch"><see cref="AttentionScratch"/> floats.</param>
    public abstract void Attend(
        float* q, long qStride, int queries, float* keys, float* values, int valueStride, int length, int dim, int firstPosition,
        float* output, long outputStride, float* scratch);

    /// <summary>Floats of scratch memory that <see cref="Attend"/> needs for sequences up to a length.</summary>
    public int AttentionScratch(int length) => QueryBlock * ((length + Panel - 1) / Panel * Panel) + QueryBlock * Panel;
}
