using FsCheck.Xunit;

namespace CompressionHost.Tensors.Tests;

public sealed class QuantizedTensorTests
{
    [Property(MaxTest = 300)]
    public void Dequantized_is_scale_times_code_less_zero_bit_for_bit(byte rows, ushort length, ushort group, int seed, byte scheme)
    {
        var (rowCount, rowLength) = (1 + rows % 6, 1 + length % 400);
        QuantizationScheme[] schemes = [.. Samples.Schemes, new("all of 8 bits", -128, 127) { HasZeroPoints = true }];
        var tensor = Samples.Quantized(new Random(seed), [rowCount, rowLength], 1 + group % rowLength, schemes[scheme % schemes.Length]);
        var values = new float[tensor.Count];
        tensor.Dequantize(values);
        for (var i = 0; i < values.Length; i++)
        {
            var (row, column) = Math.DivRem(i, rowLength);
            var at = row * tensor.GroupsPerRow + column / tensor.GroupSize;
            var expected = (float)tensor.Scales[at] * (tensor.Codes[i] - (tensor.ZeroPoints?[at] ?? 0));
            Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(values[i]));
        }
    }

    [Fact]
    public void A_zero_is_positive_under_a_positive_scale()
    {
        var values = new float[100];
        new QuantizedTensor(QuantizationScheme.Ternary, [1, 100], 100, new sbyte[100], [(Half)0.5]).Dequantize(values);
        Assert.All(values, v => Assert.Equal(0, BitConverter.SingleToInt32Bits(v)));
    }

    [Fact]
    public void Some_rows_are_the_same_as_in_the_whole()
    {
        var tensor = Samples.Quantized(new Random(3), [7, 3, 11], 10, QuantizationScheme.Ternary);
        var (all, some) = (new float[7 * 33], new float[2 * 33]);
        tensor.Dequantize(all);
        tensor.DequantizeRows(4, 2, some);
        Assert.Equal(all[(4 * 33)..(6 * 33)], some);
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.DequantizeRows(6, 2, some));
        Assert.Throws<ArgumentException>(() => tensor.DequantizeRows(0, 3, some));
    }

    [Fact]
    public void Zeros_are_codes_that_stand_for_zero()
    {
        Assert.Equal(3, new QuantizedTensor(
            QuantizationScheme.Int4Asymmetric, [2, 3], 2, [0, 7, 15, 0, 0, 1], new Half[4], [7, 15, 1, 1]).CountZeros());
        Assert.Equal(2, new QuantizedTensor(QuantizationScheme.Int8, [1, 3], 3, [0, 7, 0], new Half[1]).CountZeros());
        Assert.Equal(0, new QuantizedTensor(QuantizationScheme.Binary, [1, 3], 3, [1, -1, 1], new Half[1]).CountZeros());
    }

    [Fact]
    public void Levels_and_bits_follow_from_the_codes()
    {
        Assert.Equal([3, 2, 16, 16, 255], Samples.Schemes.Select(s => s.Levels));
        Assert.Equal([1.585, 1, 4, 4, 7.994], Samples.Schemes.Select(s => Math.Round(s.Bits, 3)));
    }

    [Fact]
    public void Zero_points_belong_to_a_scheme_that_has_them()
    {
        var (symmetric, asymmetric) = (QuantizationScheme.Int4, QuantizationScheme.Int4Asymmetric);
        Assert.Throws<ArgumentException>(() => new QuantizedTensor(symmetric, [2, 2], 2, new sbyte[4], new Half[2], new sbyte[2]));
        Assert.Throws<ArgumentException>(() => new QuantizedTensor(asymmetric, [2, 2], 2, new sbyte[4], new Half[2]));
        Assert.Throws<ArgumentException>(() => new QuantizedTensor(asymmetric, [2, 2], 2, new sbyte[4], new Half[2], new sbyte[1]));
        Assert.Throws<ArgumentException>(() => new QuantizedTensor(asymmetric, [2, 2], 2, new sbyte[4], new Half[2], [0, 16]));
        Assert.Throws<ArgumentException>(() => new QuantizedTensor(asymmetric, [2, 2], 2, new sbyte[4], new Half[2], [-1, 0]));
    }

    [Fact]
    public void Binary_has_no_zero_and_a_scheme_is_in_order()
    {
        Assert.Throws<ArgumentException>(() => new QuantizedTensor(QuantizationScheme.Binary, [1, 2], 2, [1, 0], new Half[1]));
        Assert.Throws<ArgumentException>(() => new QuantizedTensor(new("backwards", 1, -1), [1, 2], 2, [1, -1], new Half[1]));
        Assert.Throws<ArgumentException>(() => new QuantizedTensor(new("steps", -2, 2) { Step = 2 }, [1, 2], 2, [2, -2], new Half[1]));
        Assert.Throws<ArgumentException>(() => new QuantizedTensor(new("steps", -2, 2) { Step = 0 }, [1, 2], 2, [2, -2], new Half[1]));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var ternary = QuantizationScheme.Ternary;
        Assert.Throws<ArgumentException>(() => new QuantizedTensor(ternary, [2, 2], 2, new sbyte[3], new Half[2]));
        Assert.Throws<ArgumentException>(() => new QuantizedTensor(ternary, [2, 2], 2, new sbyte[4], new Half[1]));
        Assert.Throws<ArgumentException>(() => new QuantizedTensor(ternary, [2, 2], 3, new sbyte[4], new Half[2]));
        Assert.Throws<ArgumentException>(() => new QuantizedTensor(ternary, [2, 2], 2, [0, 0, 0, 2], new Half[2]));
        Assert.Throws<ArgumentException>(() => new QuantizedTensor(ternary, [2, 2], 2, new sbyte[4], [Half.NaN, default]));
        Assert.Throws<ArgumentException>(() => new QuantizedTensor(ternary, [], 1, new sbyte[1], new Half[1]));
    }
}
