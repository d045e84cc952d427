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

    /// <summary>Keys of a sequence are padded to a multiple of this: whole panels, and sixteen lanes for sums.</summary>
    public int KeyAlignment => Alignment(Lanes);

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

    /// <summary>result = y * scale + bias.</summary>
    public abstract void ScaleProduct(float* y, float scale, float* bias, int padded, float* result);

    /// <summary>y[t, r] = sum over c of x[t, c] * w[r, c], lanes added last.</summary>
    public abstract void Dot(float* x, long xStride, int tokens, float* w, long wStride, int rows, int padded, float* y, long yStride);

    /// <summary><see cref="KeyAlignment"/> for vectors of so many floats.</summary>
    public static int Alignment(int lanes) => Math.Max(2 * lanes, Padding);

    /// <summary>The largest code of queries and keys: the sum over a head of products of two of them fits int32.</summary>
    /// <param name="dim">Size of a head.</param>
    public static int MostOfScores(int dim) => (int)Math.Min(short.MaxValue, Math.Sqrt(int.MaxValue / dim));

    /// <summary>Codes of a head: its dimension, and a zero after an odd one.</summary>
    /// <param name="dim">Size of a head.</param>
    public static int HeadStride(int dim) => (dim + 1) / 2 * 2;

    /// <summary>int16 codes of a token's query, key or value, a scale a head, with a head's largest magnitude at <paramref name="most"/>: x = scale * code.</summary>
    /// <param name="x">Finite values, head by head.</param>
    /// <param name="heads">How many heads.</param>
    /// <param name="dim">Size of a head.</param>
    /// <param name="most">Largest code: <see cref="MostOfScores"/> for queries and keys, 32767 for values.</param>
    /// <param name="codes">Receives <see cref="HeadStride"/> codes a head.</param>
    /// <param name="scales">Receives a scale a head.</param>
    /// <param name="scaleStride">Floats between the scales of two heads.</param>
    public abstract void QuantizeHeads(float* x, int heads, int dim, int most, short* codes, float* scales, long scaleStride);

    /// <summary>Stores a token's codes in each head's <see cref="HeadMemory.Keys"/>.</summary>
    /// <param name="codes">As <see cref="QuantizeHeads"/> gives them.</param>
    /// <param name="heads">How many heads.</param>
    /// <param name="dim">Size of a head.</param>
    /// <param name="keys">The first head's.</param>
    /// <param name="keyStride">int16 values between heads.</param>
    /// <param name="key">Which key.</param>
    public abstract void StoreKey(short* codes, int heads, int dim, short* keys, long keyStride, int key);

    /// <summary>Stores a token's codes in each head's <see cref="HeadMemory.Values"/>.</summary>
    /// <param name="codes">As <see cref="QuantizeHeads"/> gives them.</param>
    /// <param name="heads">How many heads.</param>
    /// <param name="dim">Size of a head.</param>
    /// <param name="values">The first head's.</param>
    /// <param name="valueStride">int16 values between heads.</param>
    /// <param name="rowStride"><see cref="HeadMemory.ValueStride"/>.</param>
    /// <param name="key">Which key they belong to.</param>
    public abstract void StoreValue(short* codes, int heads, int dim, short* values, long valueStride, int rowStride, int key);

    /// <summary>Stores the codes of an even key's values and of the next one's, which are a pair.</summary>
    /// <inheritdoc cref="StoreValue"/>
    public abstract void StoreValues(short* codes, short* next, int heads, int dim, short* values, long valueStride, int rowStride, int key);

    /// <summary>softmax(q k^T / sqrt(dim)) v of one head for queries of one sequence.</summary>
    /// <param name="q">The queries.</param>
    /// <param name="queries">How many.</param>
    /// <param name="head">Keys and values of the sequence.</param>
    /// <param name="firstPosition">Position of the first query, which sees no later key; negative where every query sees all keys.</param>
    /// <param name="output">Receives dim values a query.</param>
    /// <param name="outputStride">Floats between results.</param>
    /// <param name="scratch"><see cref="AttentionScratch"/> floats.</param>
    public abstract void Attend(in HeadQueries q, int queries, in HeadMemory head, int firstPosition, float* output, long outputStride, float* scratch);

    /// <summary>Floats of scratch memory that <see cref="Attend"/> needs for sequences up to a length: scores, half as much for weights, and a mix.</summary>
    public int AttentionScratch(int length) => QueryBlock * (((length + KeyAlignment - 1) / KeyAlignment * KeyAlignment * 3 / 2) + Panel);
}
