using FsCheck.Xunit;

namespace CompressionHost.Tensors.Tests;

public sealed class PackedTernaryTests
{
    [Fact]
    public void Unpacking_gives_back_every_ragged_shape()
    {
        var random = new Random(1);
        for (var length = 1; length <= 260; length++)
        {
            for (var rows = 1; rows <= 3; rows++)
                AssertRoundTrip(Samples.Codes(random, rows * length, QuantizationScheme.Ternary), length);
        }
    }

    [Property(MaxTest = 200)]
    public void Unpacking_gives_back_any_shape(ushort length, byte rows, int seed)
    {
        var rowLength = 1 + length % 3000;
        AssertRoundTrip(Samples.Codes(new Random(seed), rowLength * (rows % 17), QuantizationScheme.Ternary), rowLength);
    }

    [Property(MaxTest = 200)]
    public void The_vectors_agree_with_the_definition(ushort length, byte rows, int seed)
    {
        var rowLength = 1 + length % 400;
        var count = 1 + rows % 5;
        var codes = Samples.Codes(new Random(seed), rowLength * count, QuantizationScheme.Ternary);
        var expected = new byte[count * ((rowLength + 3) / 4)];
        for (var i = 0; i < codes.Length; i++)
        {
            var (row, column) = Math.DivRem(i, rowLength);
            expected[row * ((rowLength + 3) / 4) + column / 4] |= (byte)((codes[i] + 1) << (2 * (column % 4)));
        }
        Assert.Equal(expected, Pack(codes, rowLength));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(77)]
    [InlineData(333)]
    public void A_code_of_three_is_refused_wherever_it_is(int length)
    {
        for (var i = 0; i < length; i++)
        {
            var packed = Pack(new sbyte[length], length);
            packed[i / 4] |= (byte)(3 << (2 * (i % 4)));
            Assert.False(PackedTernary.TryUnpack(packed, length, new sbyte[length]));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(67)]
    public void A_bit_beyond_the_row_is_refused(int length)
    {
        for (var bit = 2 * (length % 4); bit < 8; bit++)
        {
            var packed = Pack(new sbyte[2 * length], length);
            packed[PackedTernary.RowBytes(length) - 1] |= (byte)(1 << bit);
            Assert.False(PackedTernary.TryUnpack(packed, length, new sbyte[2 * length]));
        }
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(2)]
    public void A_code_that_is_not_ternary_cannot_be_packed(sbyte code)
    {
        var codes = new sbyte[100];
        codes[99] = code;
        Assert.Throws<ArgumentException>(() => PackedTernary.Pack(codes, 100, new byte[25]));
    }

    [Theory]
    [InlineData(99, 100, 25)]
    [InlineData(100, 100, 24)]
    [InlineData(100, 100, 26)]
    [InlineData(10, 5, 3)]
    public void Lengths_that_do_not_match_are_refused(int codes, int rowLength, int packed)
    {
        Assert.Throws<ArgumentException>(() => PackedTernary.Pack(new sbyte[codes], rowLength, new byte[packed]));
        Assert.Throws<ArgumentException>(() => PackedTernary.TryUnpack(new byte[packed], rowLength, new sbyte[codes]));
    }

    private static void AssertRoundTrip(sbyte[] codes, int rowLength)
    {
        var unpacked = new sbyte[codes.Length];
        Assert.True(PackedTernary.TryUnpack(Pack(codes, rowLength), rowLength, unpacked));
        Assert.Equal(codes, unpacked);
    }

    private static byte[] Pack(sbyte[] codes, int rowLength)
    {
        // Filled, so that a byte that is not written shows.
        var packed = new byte[codes.Length / rowLength * PackedTernary.RowBytes(rowLength)];
        packed.AsSpan().Fill(0xFF);
        PackedTernary.Pack(codes, rowLength, packed);
        return packed;
    }
}
