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

    // Saturated: every code the one that is farthest from zero.
    public static Int8Weights Int8(int rows, int columns, int group, int seed, bool saturated = false)
    {
        var random = new Random(seed);
        var codes = Codes(random, rows * columns, -128, 127, saturated);
        return Int8Weights.Create(codes, Scales(random, rows * Groups(columns, group)), rows, columns, group);
    }

    public static Int4Weights Int4(int rows, int columns, int group, int seed, bool saturated = false)
    {
        var random = new Random(seed);
        var codes = Codes(random, rows * columns, -8, 7, saturated);
        return Int4Weights.Create(codes, Scales(random, rows * Groups(columns, group)), rows, columns, group);
    }

    // Saturated: codes 15 with zero points 0.
    public static Int4Weights Int4Asymmetric(int rows, int columns, int group, int seed, bool saturated = false)
    {
        var random = new Random(seed);
        var codes = new byte[rows * columns];
        var zeros = new byte[rows * Groups(columns, group)];
        foreach (ref var code in codes.AsSpan())
            code = (byte)(saturated ? 15 : random.Next(16));
        foreach (ref var zero in zeros.AsSpan())
            zero = (byte)(saturated ? 0 : random.Next(16));
        return Int4Weights.CreateAsymmetric(codes, Scales(random, zeros.Length), zeros, rows, columns, group);
    }

    public static BinaryWeights Binary(int rows, int columns, int group, int seed, bool saturated = false)
    {
        var random = new Random(seed);
        var codes = new sbyte[rows * columns];
        foreach (ref var code in codes.AsSpan())
            code = (sbyte)(saturated || random.Next(2) == 1 ? 1 : -1);
        return BinaryWeights.Create(codes, Scales(random, rows * Groups(columns, group)), rows, columns, group);
    }

    private static int Groups(int columns, int group) => (columns + group - 1) / group;

    private static sbyte[] Codes(Random random, int count, int least, int most, bool saturated)
    {
        var codes = new sbyte[count];
        foreach (ref var code in codes.AsSpan())
            code = (sbyte)(saturated ? least : random.Next(least, most + 1));
        return codes;
    }

    public static Half[] Scales(Random random, int count)
    {
        var scales = new Half[count];
        for (var i = 0; i < count; i++)
            scales[i] = (Half)((0.01f + (0.02f * random.NextSingle())) * (random.Next(8) == 0 ? -1 : 1));
        return scales;
    }
}
