namespace CompressionHost.Kernels.Tests;

/// <summary>Weights used where they lie: nothing past their last byte is read, and bits that hold no code do not count.</summary>
public sealed unsafe class MappedWeightsTests
{
    public static TheoryData<int, int, int, int> Shapes => new()
    {
        { 1, 1, 1, 1 }, { 5, 33, 300, 300 }, { 7, 64, 256, 256 }, { 6, 129, 70, 33 }, { 3, 128, 96, 32 }, { 2, 17, 1000, 128 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Int8(int tokens, int rows, int columns, int group)
    {
        using var weights = RandomWeights.Int8(rows, columns, group, seed: 5);
        Holds(weights, tokens, codes => Int8Weights.Map(codes, Scales(weights), rows, columns, group));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Int4(int tokens, int rows, int columns, int group)
    {
        using var weights = RandomWeights.Int4(rows, columns, group, seed: 5);
        Holds(weights, tokens, codes => Int4Weights.Map(codes, Scales(weights), [], rows, columns, group));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Binary(int tokens, int rows, int columns, int group)
    {
        using var weights = RandomWeights.Binary(rows, columns, group, seed: 5);
        Holds(weights, tokens, codes => BinaryWeights.Map(codes, Scales(weights), rows, columns, group));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Ternary(int tokens, int rows, int columns, int group)
    {
        using var weights = RandomWeights.Ternary(rows, columns, group, seed: 5);
        Holds(weights, tokens, codes => TernaryWeights.Map(codes, Scales(weights), rows, columns, group));
    }

    private delegate PackedWeights Mapping(byte* codes);

    private static void Holds(PackedWeights weights, int tokens, Mapping map)
    {
        Assert.SkipUnless(GuardedMemory.IsSupported, "Guard pages are made with Linux's mmap.");
        var bytes = new Span<byte>(weights.Codes, weights.Rows * weights.RowBytes).ToArray();
        SetUnusedBits(weights, bytes);
        using var memory = new GuardedMemory(bytes);
        using var mapped = map(memory.Bytes);
        Assert.False(mapped.OwnsCodes);
        ProductLaw.HoldsForEveryKernel(mapped, tokens);
    }

    // Ternary rows have zeros there by their format.
    private static void SetUnusedBits(PackedWeights weights, byte[] bytes)
    {
        var used = weights switch
        {
            Int4Weights => weights.Columns * 4,
            BinaryWeights => weights.Columns,
            _ => weights.RowBytes * 8,
        } - (8 * (weights.RowBytes - 1));
        for (var row = 0; row < weights.Rows; row++)
            bytes[((row + 1) * weights.RowBytes) - 1] |= (byte)(0xFF << used);
    }

    private static Half[] Scales(PackedWeights weights)
    {
        var scales = new Half[weights.Rows * weights.Groups];
        for (var i = 0; i < scales.Length; i++)
            scales[i] = (Half)weights.Scales[(long)(i % weights.Groups) * weights.ScaleStride + i / weights.Groups];
        return scales;
    }
}
