namespace CompressionHost.Kernels;

/// <summary>
/// One row of floats to int8: <c>code = round(x * (127 / max|x|))</c>, ties to even, <c>scale = max|x| / 127</c>. Each operation is one IEEE operation an
/// element, so every width of vector gives the same codes.
/// </summary>
internal static unsafe class ActivationQuantizer
{
    public const float Levels = 127;

    // 127 / x overflows below; such a row is zero for all purposes.
    public const float Smallest = 1e-30f;

    /// <returns>The scale.</returns>
    public static float Quantize(float* values, int count, sbyte* codes)
    {
        var max = 0f;
        for (var i = 0; i < count; i++)
            max = MathF.Max(max, MathF.Abs(values[i]));
        if (!(max >= Smallest))
        {
            new Span<sbyte>(codes, count).Clear();
            return 0;
        }
        var inverse = Levels / max;
        for (var i = 0; i < count; i++)
            codes[i] = (sbyte)MathF.Round(values[i] * inverse);
        return max / Levels;
    }
}
