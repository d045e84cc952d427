namespace CompressionHost.Kernels.Tests;

/// <summary>The definition of the product, written down a second time and from the codes alone, so that no kernel is its own judge.</summary>
internal sealed unsafe class PortableReference(PackedWeights weights)
{
    public float[] Multiply(QuantizedActivations x, int tokens)
    {
        var y = new float[tokens * weights.Rows];
        for (var t = 0; t < tokens; t++)
        {
            for (var r = 0; r < weights.Rows; r++)
                y[t * weights.Rows + r] = Dot(r, x.Row(t));
        }
        return y;
    }

    private float Dot(int row, ReadOnlySpan<sbyte> x)
    {
        var sum = 0f;
        for (var start = 0; start < weights.Columns; start += weights.Group)
        {
            var exact = 0L;
            for (var c = start; c < Math.Min(start + weights.Group, weights.Columns); c++)
                exact += (Code(row, c) - Zero(row, start / weights.Group)) * x[c];
            sum = MathF.FusedMultiplyAdd(exact, weights.Scales[(long)(start / weights.Group) * weights.ScaleStride + row], sum);
        }
        return sum;
    }

    private int Code(int row, int column) => weights switch
    {
        TernaryWeights => ((weights.Codes[(long)row * weights.RowBytes + column / 4] >> (column % 4 * 2)) & 3) - 1,
        Int8Weights => (sbyte)weights.Codes[(long)row * weights.RowBytes + column],
        Int4Weights => (weights.Codes[(long)row * weights.RowBytes + column / 2] >> (column % 2 * 4)) & 15,
        BinaryWeights => ((weights.Codes[(long)row * weights.RowBytes + column / 8] >> (column % 8)) & 1) == 1 ? 1 : -1,
        _ => throw new NotSupportedException(weights.GetType().Name),
    };

    private int Zero(int row, int group) => weights switch
    {
        Int4Weights { IsAsymmetric: true } => weights.Zeros[(long)group * weights.ScaleStride + row],
        Int4Weights => 8,
        _ => 0,
    };
}
