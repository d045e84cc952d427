using FsCheck.Xunit;

namespace CompressionHost.Kernels.Tests;

/// <summary>Every kernel of this machine computes the int8, int4 and binary products as they are defined, bit for bit.</summary>
public sealed class IntegerProductTests
{
    public static TheoryData<int, int, int, int> Shapes => ProductShapes.Grouped;

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Int8(int tokens, int rows, int columns, int group) => Holds(RandomWeights.Int8, tokens, rows, columns, group);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Int4(int tokens, int rows, int columns, int group) => Holds(RandomWeights.Int4, tokens, rows, columns, group);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Int4_with_zero_points(int tokens, int rows, int columns, int group) => Holds(RandomWeights.Int4Asymmetric, tokens, rows, columns, group);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Binary(int tokens, int rows, int columns, int group) => Holds(RandomWeights.Binary, tokens, rows, columns, group);

    /// <summary>Shapes that nobody thought of: FsCheck names the smallest that fails.</summary>
    [Property(MaxTest = 40)]
    public void Any_shape(byte tokens, byte rows, ushort columns, ushort group)
    {
        var (t, r, c) = (1 + (tokens % 20), 1 + (rows % 150), 1 + (columns % 400));
        foreach (var make in new Func<int, int, int, int, bool, PackedWeights>[] { RandomWeights.Int8, RandomWeights.Int4, RandomWeights.Int4Asymmetric, RandomWeights.Binary })
            Holds(make, t, r, c, 1 + (group % c));
    }

    /// <summary>Past 2^24 a sum is no longer a float, and int8's unsigned bytes times activations pass 2^31 while their true sum does not.</summary>
    [Fact]
    public void Int8_of_the_longest_group()
    {
        foreach (var saturated in new[] { false, true })
        {
            using var weights = RandomWeights.Int8(2, Int8Weights.MaxGroup, Int8Weights.MaxGroup, seed: 3, saturated);
            ProductLaw.HoldsForEveryKernel(weights, tokens: 2, saturated);
        }
    }

    private static void Holds(Func<int, int, int, int, bool, PackedWeights> make, int tokens, int rows, int columns, int group)
    {
        foreach (var saturated in new[] { false, true })
        {
            using var weights = make(rows, columns, group, 1, saturated);
            ProductLaw.HoldsForEveryKernel(weights, tokens, saturated);
        }
    }
}
