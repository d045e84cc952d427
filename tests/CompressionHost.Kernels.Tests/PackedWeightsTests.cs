namespace CompressionHost.Kernels.Tests;

/// <summary>What a packed weight refuses, and where its codes lie.</summary>
public sealed unsafe class PackedWeightsTests
{
    [Fact]
    public void Int4_lies_two_codes_a_byte_the_first_in_the_low_half_eight_added()
    {
        using var weights = Int4Weights.Create([-8, 7, 0, 1, -1, 2], Ones(2), rows: 2, columns: 3, group: 3);
        Assert.Equal([0xF0, 0x08, 0x79, 0x0A], new ReadOnlySpan<byte>(weights.Codes, 4).ToArray());
    }

    [Fact]
    public void Asymmetric_int4_lies_as_it_is()
    {
        using var weights = Int4Weights.CreateAsymmetric([0, 15, 3], Ones(1), [7], rows: 1, columns: 3, group: 3);
        Assert.Equal([0xF0, 0x03], new ReadOnlySpan<byte>(weights.Codes, 2).ToArray());
        Assert.Equal(7, weights.Zeros[0]);
    }

    [Fact]
    public void Binary_lies_eight_codes_a_byte_the_first_in_the_lowest_bit()
    {
        using var weights = BinaryWeights.Create([1, -1, 1, -1, -1, -1, -1, 1, 1], Ones(1), rows: 1, columns: 9, group: 9);
        Assert.Equal([0x85, 0x01], new ReadOnlySpan<byte>(weights.Codes, 2).ToArray());
    }

    [Fact]
    public void Codes_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Int4Weights.Create([8], Ones(1), 1, 1, 1));
        Assert.Throws<ArgumentException>(() => Int4Weights.Create([-9], Ones(1), 1, 1, 1));
        Assert.Throws<ArgumentException>(() => Int4Weights.CreateAsymmetric([16], Ones(1), [0], 1, 1, 1));
        Assert.Throws<ArgumentException>(() => Int4Weights.CreateAsymmetric([1], Ones(1), [16], 1, 1, 1));
        Assert.Throws<ArgumentException>(() => BinaryWeights.Create([0], Ones(1), 1, 1, 1));
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Int8Weights.Create([1, 2, 3], Ones(2), 2, 2, 2));
        Assert.Throws<ArgumentException>(() => Int8Weights.Create([1, 2, 3, 4], Ones(3), 2, 2, 2));
        Assert.Throws<ArgumentException>(() => Int4Weights.Create([1, 2, 3], Ones(2), 2, 2, 2));
        Assert.Throws<ArgumentException>(() => Int4Weights.CreateAsymmetric([1, 2, 3, 4], Ones(2), [1], 2, 2, 2));
        Assert.Throws<ArgumentException>(() => Int4Weights.CreateAsymmetric([1], Ones(1), [], 1, 1, 1));
        Assert.Throws<ArgumentException>(() => BinaryWeights.Create([1, 1, 1], Ones(2), 2, 2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Int8Weights.Create([1, 2], Ones(1), 1, 2, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Int8Weights.Map((byte*)1, Ones(1), 1, Int8Weights.MaxGroup + 1, Int8Weights.MaxGroup + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Int4Weights.Map((byte*)1, Ones(1), [], 1, Int4Weights.MaxGroup + 1, Int4Weights.MaxGroup + 1));
        Assert.Throws<ArgumentNullException>(() => Int8Weights.Map(null, Ones(1), 1, 1, 1));
        Assert.Throws<ArgumentNullException>(() => Int4Weights.Map(null, Ones(1), [], 1, 1, 1));
        Assert.Throws<ArgumentNullException>(() => BinaryWeights.Map(null, Ones(1), 1, 1, 1));
    }

    [Fact]
    public void Bytes_are_those_of_the_codes_scales_and_zero_points()
    {
        using var int8 = Int8Weights.Create(new sbyte[6], Ones(2), 2, 3, 3);
        using var symmetric = Int4Weights.Create(new sbyte[6], Ones(2), 2, 3, 3);
        using var asymmetric = Int4Weights.CreateAsymmetric(new byte[6], Ones(2), [0, 1], 2, 3, 3);
        // Scales, and zero points, of rows up to a multiple of 128.
        Assert.Equal(6 + 512, int8.Bytes);
        Assert.Equal(4 + 512, symmetric.Bytes);
        Assert.Equal(4 + 512 + 128, asymmetric.Bytes);
    }

    private static Half[] Ones(int count)
    {
        var ones = new Half[count];
        Array.Fill(ones, Half.One);
        return ones;
    }
}
