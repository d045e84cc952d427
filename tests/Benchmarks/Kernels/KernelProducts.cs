using CompressionHost.Kernels;

namespace CompressionHost.Benchmarks;

/// <summary>Every scheme, and every kernel of this machine for it.</summary>
internal static class KernelProducts
{
    private static readonly (string Name, int Group, Func<Random, ProductShape, int, PackedWeights> Make)[] Schemes =
    [
        ("ternary", 256, Ternary),
        ("binary", 256, Binary),
        ("int4", 32, Int4),
        ("int4", 128, Int4),
        ("int8", int.MaxValue, Int8),
    ];

    public static IEnumerable<KernelContender> All(ProductShape shape, int threads)
    {
        foreach (var (scheme, longest, make) in Schemes)
        {
            var group = Math.Min(longest, shape.Columns);
            using var sample = make(new Random(5), shape, group);
            foreach (var kernel in KernelTable.For(sample.GetType()).Where(k => k.Takes(sample)))
                yield return new KernelContender($"{scheme}, {(longest == int.MaxValue ? "a scale a row" : $"group {longest}")}: {kernel.Name}", shape, threads, make(new Random(5), shape, group), kernel);
        }
    }

    private static TernaryWeights Ternary(Random random, ProductShape shape, int group) =>
        TernaryWeights.Create(Codes(random, shape, () => random.Next(10) < 6 ? 0 : (2 * random.Next(2)) - 1), Scales(random, shape, group), shape.Rows, shape.Columns, group);

    private static BinaryWeights Binary(Random random, ProductShape shape, int group) =>
        BinaryWeights.Create(Codes(random, shape, () => (2 * random.Next(2)) - 1), Scales(random, shape, group), shape.Rows, shape.Columns, group);

    private static Int4Weights Int4(Random random, ProductShape shape, int group) =>
        Int4Weights.Create(Codes(random, shape, () => random.Next(-7, 8)), Scales(random, shape, group), shape.Rows, shape.Columns, group);

    private static Int8Weights Int8(Random random, ProductShape shape, int group) =>
        Int8Weights.Create(Codes(random, shape, () => random.Next(-127, 128)), Scales(random, shape, group), shape.Rows, shape.Columns, group);

    private static sbyte[] Codes(Random random, ProductShape shape, Func<int> code)
    {
        var codes = new sbyte[shape.Rows * shape.Columns];
        foreach (ref var value in codes.AsSpan())
            value = (sbyte)code();
        return codes;
    }

    private static Half[] Scales(Random random, ProductShape shape, int group)
    {
        var scales = new Half[shape.Rows * ((shape.Columns + group - 1) / group)];
        foreach (ref var scale in scales.AsSpan())
            scale = (Half)(0.01f + (0.01f * random.NextSingle()));
        return scales;
    }
}
