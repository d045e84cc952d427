using CompressionHost.Kernels;

namespace CompressionHost.Inference;

/// <summary>Activations of a tile of tokens: as floats, as int8 codes with a scale a token, or both, as their consumers need.</summary>
internal unsafe struct TokenRows
{
    /// <summary>Codes of a row are padded with zeros to a multiple of this.</summary>
    public const int CodePadding = 64;

    public float* Values;
    public long Stride;
    public sbyte* Codes;
    public long CodeStride;
    public float* Scales;

    /// <summary>Bytes of a row of codes.</summary>
    public static int CodeBytes(int columns) => (columns + CodePadding - 1) / CodePadding * CodePadding;

    /// <summary>Quantizes one token.</summary>
    public readonly void Quantize(FloatKernels kernels, int token, float* values, int columns, float largest)
    {
        var padded = FloatKernels.Pad(columns);
        var codes = Codes + token * CodeStride;
        Scales[token] = kernels.Quantize(values, padded, largest, codes);
        if (padded < CodeStride)
            new Span<sbyte>(codes + padded, (int)CodeStride - padded).Clear();
    }
}
