using CompressionHost.Kernels;

namespace CompressionHost.Inference;

/// <summary>Queries of the tokens of a batch, as int16 codes with a scale a head.</summary>
internal sealed unsafe class QueryRows : IDisposable
{
    private readonly FloatKernels _kernels;
    private readonly AlignedMemory _codes;
    private readonly AlignedMemory _scales;
    private readonly int _heads;
    private readonly int _dim;
    private readonly int _most;
    private readonly float _factor;

    /// <param name="shape">Sizes.</param>
    /// <param name="kernels">The kernels that will read them.</param>
    /// <param name="tokens">Room for tokens.</param>
    public QueryRows(TowerShape shape, FloatKernels kernels, int tokens)
    {
        (_heads, _dim, _kernels) = (shape.Heads, shape.Dim, kernels);
        _most = FloatKernels.MostOfScores(_dim);
        // What a softmax is taken of is q k / sqrt(dim); the queries take the factor.
        _factor = 1 / MathF.Sqrt(_dim);
        _codes = new AlignedMemory((long)(tokens + FloatKernels.QueryBlock) * Stride * sizeof(short));
        _scales = new AlignedMemory((long)tokens * _heads * sizeof(float));
    }

    private int Stride => _heads * FloatKernels.HeadStride(_dim);

    /// <summary>Stores the query of a token, all heads of it.</summary>
    public void Store(int token, float* query)
    {
        var scales = _scales.Floats + ((long)token * _heads);
        _kernels.QuantizeHeads(query, _heads, _dim, _most, (short*)_codes.Start + ((long)token * Stride), scales, 1);
        for (var head = 0; head < _heads; head++)
            scales[head] *= _factor;
    }

    /// <summary>The queries of a head from a token on.</summary>
    public HeadQueries Head(int head, int token) => new(
        (short*)_codes.Start + ((long)token * Stride) + (head * FloatKernels.HeadStride(_dim)), Stride, _scales.Floats + ((long)token * _heads) + head, _heads);

    public void Dispose()
    {
        _codes.Dispose();
        _scales.Dispose();
    }
}
