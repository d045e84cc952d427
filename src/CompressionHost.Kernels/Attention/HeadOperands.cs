namespace CompressionHost.Kernels;

/// <summary>
/// Queries of one head: int16 codes and a scale each, which includes the factor before the softmax: <c>q[t, d] / sqrt(dim) = scale[t] * code[t, d]</c>.
/// </summary>
/// <param name="codes">First query; <see cref="FloatKernels.QueryBlock"/> rows past the last are readable.</param>
/// <param name="stride">Codes between queries.</param>
/// <param name="scales">Scale of the first query.</param>
/// <param name="scaleStride">Scales between queries.</param>
internal readonly unsafe struct HeadQueries(short* codes, long stride, float* scales, long scaleStride)
{
    public readonly short* Codes = codes;
    public readonly long Stride = stride;

    public float Scale(int query) => scales[query * scaleStride];
}

/// <summary>
/// Keys and values of one head for one sequence, as int16 codes with a scale each, in pairs as <see cref="ISimd{TVector}.AddPairs"/> takes them. Keys lie in panels of
/// <see cref="FloatKernels.Panel"/>, which hold pairs of neighbouring dimensions: [pair of dimensions][key][2]. Values lie in pairs of neighbouring keys: [pair of keys][dimension][2].
/// </summary>
/// <param name="keys">First panel.</param>
/// <param name="keyScales">One a key, finite up to <see cref="FloatKernels.KeyAlignment"/>.</param>
/// <param name="values">First pair of values.</param>
/// <param name="valueScales">One a key, finite up to <see cref="FloatKernels.KeyAlignment"/>.</param>
/// <param name="valueStride">Dimensions of a row of values, a multiple of <see cref="FloatKernels.Panel"/>.</param>
/// <param name="length">Keys of the sequence.</param>
/// <param name="dim">Size of the head.</param>
internal readonly unsafe struct HeadMemory(short* keys, float* keyScales, short* values, float* valueScales, int valueStride, int length, int dim)
{
    public readonly short* Keys = keys;
    public readonly float* KeyScales = keyScales;
    public readonly short* Values = values;
    public readonly float* ValueScales = valueScales;
    public readonly int ValueStride = valueStride;
    public readonly int Length = length;
    public readonly int Dim = dim;

    /// <summary>Pairs of dimensions; of an odd dimension the last has a zero.</summary>
    public int DimPairs => FloatKernels.HeadStride(Dim) / 2;
}
