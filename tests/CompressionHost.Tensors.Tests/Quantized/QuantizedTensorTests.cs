using FsCheck.Xunit;

namespace CompressionHost.Tensors.Tests;

public sealed class QuantizedTensorTests
{
    [Property(MaxTest = 300)]
    public void Dequantized_is_scale_times_code_bit_for_bit(byte rows, ushort length, ushort group, int seed, bool ternary)
    {
        var (rowCount, rowLength) = (1 + rows % 6, 1 + length % 400);
        var tensor = Samples.Quantized(
            new Random(seed), [rowCount, rowLength], 1 + group % rowLength, ternary ? QuantizationScheme.Ternary : new("int8", -128, 127));
        var values = new float[tensor.Count];
        tensor.Dequantize(values);
        for (var i = 0; i < values.Length; i++)
        {
            var (row, column) = Math.DivRem(i, rowLength);
            var expected = (float)tensor.Scales[row * tensor.GroupsPerRow + column / tensor.GroupSize] * tensor.Codes[i];
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
