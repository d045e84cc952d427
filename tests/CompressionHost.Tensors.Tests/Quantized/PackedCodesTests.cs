using FsCheck.Xunit;

namespace CompressionHost.Tensors.Tests;

/// <summary>Codes of 4 bits and of 1 bit.</summary>
public sealed class PackedCodesTests
{
    [Property(MaxTest = 300)]
    public void Four_bits_are_as_defined_and_come_back(ushort length, byte rows, int seed, bool symmetric)
    {
        var (rowLength, rowCount) = (1 + length % 300, 1 + rows % 4);
        var (scheme, offset) = symmetric ? (QuantizationScheme.Int4, PackedInt4.SymmetricOffset) : (QuantizationScheme.Int4Asymmetric, 0);
        var codes = Samples.Codes(new Random(seed), rowLength * rowCount, scheme);
        var expected = new byte[rowCount * ((rowLength + 1) / 2)];
        for (var i = 0; i < codes.Length; i++)
        {
            var (row, column) = Math.DivRem(i, rowLength);
            expected[row * ((rowLength + 1) / 2) + column / 2] |= (byte)((codes[i] + offset) << (4 * (column % 2)));
        }
        var packed = Filled(expected.Length);
        PackedInt4.Pack(codes, rowLength, offset, packed);
        Assert.Equal(expected, packed);
        var unpacked = new sbyte[codes.Length];
        Assert.True(PackedInt4.TryUnpack(packed, rowLength, offset, unpacked));
        Assert.Equal(codes, unpacked);
    }

    [Property(MaxTest = 300)]
    public void One_bit_is_as_defined_and_comes_back(ushort length, byte rows, int seed)
    {
        var (rowLength, rowCount) = (1 + length % 300, 1 + rows % 4);
        var codes = Samples.Codes(new Random(seed), rowLength * rowCount, QuantizationScheme.Binary);
        var expected = new byte[rowCount * ((rowLength + 7) / 8)];
        for (var i = 0; i < codes.Length; i++)
        {
            var (row, column) = Math.DivRem(i, rowLength);
            expected[row * ((rowLength + 7) / 8) + column / 8] |= (byte)((codes[i] + 1) / 2 << (column % 8));
        }
        var packed = Filled(expected.Length);
        PackedBinary.Pack(codes, rowLength, packed);
        Assert.Equal(expected, packed);
        var unpacked = new sbyte[codes.Length];
        Assert.True(PackedBinary.TryUnpack(packed, rowLength, unpacked));
        Assert.Equal(codes, unpacked);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(71)]
    public void A_bit_beyond_the_row_is_refused(int length)
    {
        for (var bit = 4 * (length % 2); bit < 8 && length % 2 == 1; bit++)
        {
            var packed = new byte[2 * PackedInt4.RowBytes(length)];
            packed[PackedInt4.RowBytes(length) - 1] |= (byte)(1 << bit);
            Assert.False(PackedInt4.TryUnpack(packed, length, 0, new sbyte[2 * length]));
        }
        for (var bit = length % 8; bit < 8; bit++)
        {
            var packed = new byte[2 * PackedBinary.RowBytes(length)];
            packed[PackedBinary.RowBytes(length) - 1] |= (byte)(1 << bit);
            Assert.False(PackedBinary.TryUnpack(packed, length, new sbyte[2 * length]));
        }
    }

    [Fact]
    public void What_is_no_code_or_does_not_fit_is_refused()
    {
        Assert.Throws<ArgumentException>(() => PackedInt4.Pack([8], 1, PackedInt4.SymmetricOffset, new byte[1]));
        Assert.Throws<ArgumentException>(() => PackedInt4.Pack([-9], 1, PackedInt4.SymmetricOffset, new byte[1]));
        Assert.Throws<ArgumentException>(() => PackedInt4.Pack([-1], 1, 0, new byte[1]));
        Assert.Throws<ArgumentException>(() => PackedInt4.Pack([16], 1, 0, new byte[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => PackedInt4.Pack([1], 1, 1, new byte[1]));
        Assert.Throws<ArgumentException>(() => PackedInt4.Pack([1, 1], 1, 0, new byte[1]));
        Assert.Throws<ArgumentException>(() => PackedInt4.TryUnpack(new byte[2], 2, 0, new sbyte[2]));
        Assert.Throws<ArgumentException>(() => PackedBinary.Pack([0], 1, new byte[1]));
        Assert.Throws<ArgumentException>(() => PackedBinary.Pack([1, 1], 1, new byte[1]));
        Assert.Throws<ArgumentException>(() => PackedBinary.TryUnpack(new byte[2], 8, new sbyte[8]));
    }

    // So that a byte that is not written shows.
    private static byte[] Filled(int length)
    {
        var bytes = new byte[length];
        bytes.AsSpan().Fill(0xA5);
        return bytes;
    }
}
