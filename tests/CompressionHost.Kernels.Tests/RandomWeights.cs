namespace CompressionHost.Kernels.Tests;

/// <summary>Seeded weights.</summary>
internal static class RandomWeights
{
    // Saturated: every code 1, which is where a narrow accumulator overflows.
    public static TernaryWeights Ternary(int rows, int columns, int group, int seed, bool saturated = false)
    {
        var random = new Random(seed);
        var codes = new sbyte[rows * columns];
        for (var i = 0; i < codes.Length; i++)
            codes[i] = (sbyte)(saturated ? 1 : random.Next(10) < 6 ? 0 : (2 * random.Next(2)) - 1);
        return TernaryWeights.Create(codes, Scales(random, rows * ((columns + group - 1) / group)), rows, columns, group);
    }

    public static Half[] Scales(Random random, int count)
    {
        var scales = new Half[count];
        for (var i = 0; i < count; i++)
            scales[i] = (Half)((0.01f + (0.02f * random.NextSingle())) * (random.Next(8) == 0 ? -1 : 1));
        return scales;
    }
}
