using FsCheck.Xunit;

namespace CompressionHost.Tensors.Tests;

public sealed class GgufBlocksTests
{
    public static TheoryData<GgufType> BlockTypes => [GgufType.Q4_0, GgufType.Q8_0, GgufType.TQ1_0, GgufType.TQ2_0];

    /// <summary>Law 2: what any reader of the format computes is our weight; a zero has no sign there.</summary>
    [Property]
    public bool Ternary_codes_are_exact_in_every_type(int seed)
    {
        var random = new Random(seed);
        var group = random.Next(2) == 0 ? 256 : 512;
        var tensor = Samples.Quantized(random, [random.Next(1, 4), 512], group, QuantizationScheme.Ternary);
        return BlockTypes.All(type => IsExact(type.Data, tensor));
    }

    [Property]
    public bool Codes_of_four_bits_are_exact(int seed)
    {
        var random = new Random(seed);
        var tensor = Samples.Quantized(random, [random.Next(1, 4), 2, 64], 32 << random.Next(3), new QuantizationScheme("int4", -8, 7));
        return IsExact(GgufType.Q4_0, tensor) && IsExact(GgufType.Q8_0, tensor);
    }

    [Fact]
    public void Scales_at_the_ends_of_float16_are_exact()
    {
        foreach (var scale in new[] { Half.Epsilon, -Half.Epsilon, Half.MaxValue, Half.MinValue, Half.Zero, Half.NegativeZero })
        {
            var tensor = new QuantizedTensor(QuantizationScheme.Ternary, [1, 256], 256, Samples.Codes(new Random(1), 256, QuantizationScheme.Ternary), [scale]);
            Assert.All(BlockTypes, type => Assert.True(IsExact(type.Data, tensor), $"{type.Data} with {scale}"));
        }
    }

    /// <summary>ggml derives d from the block's greatest magnitude: ours is that, so its requantization of our weights changes nothing.</summary>
    [Theory]
    [InlineData(GgufType.TQ1_0)]
    [InlineData(GgufType.TQ2_0)]
    public void The_scale_of_a_ternary_block_is_its_greatest_magnitude(GgufType type)
    {
        var tensor = Samples.Quantized(new Random(3), [64, 256], 256, QuantizationScheme.Ternary);
        var bytes = Encode(type, tensor);
        for (var row = 0; row < tensor.Rows; row++)
        {
            var block = bytes.AsSpan(row * type.BlockBytes(), type.BlockBytes());
            var greatest = PlainGguf.Decode((int)type, block, 256).Max(Math.Abs);
            Assert.Equal(BitConverter.HalfToInt16Bits((Half)greatest), BitConverter.ToInt16(block[^2..]));
        }
    }

    [Fact]
    public void Tq2_bytes_are_as_worked_out_by_hand()
    {
        var codes = new sbyte[256];
        (codes[0], codes[32], codes[64], codes[96]) = (1, -1, 0, 1);
        codes[128 + 31] = -1;
        var bytes = Encode(GgufType.TQ2_0, new QuantizedTensor(QuantizationScheme.Ternary, [1, 256], 256, codes, [Half.One]));
        // 2, 0, 1, 2 from the low bits; a byte of zeros is 01010101.
        Assert.Equal(0b10_01_00_10, bytes[0]);
        Assert.Equal(0b01_01_01_00, bytes[32 + 31]);
        Assert.All(bytes[1..63], b => Assert.Equal(0x55, b));
        Assert.Equal([0x00, 0x3C], bytes[64..]);
    }

    [Fact]
    public void Tq1_bytes_are_as_worked_out_by_hand()
    {
        var codes = new sbyte[256];
        (codes[0], codes[32], codes[64], codes[96], codes[128]) = (1, 1, 1, 1, 1);
        (codes[1], codes[33], codes[65], codes[97], codes[129]) = (-1, -1, -1, -1, -1);
        codes[240] = 1;
        var bytes = Encode(GgufType.TQ1_0, new QuantizedTensor(QuantizationScheme.Ternary, [1, 256], 256, codes, [(Half)(-2)]));
        // The scale is negative: codes are negated. 22222 = 242: ceil(242 * 256 / 243) = 255. 11111 = 121: 128. 01110 = 39: 42.
        Assert.Equal([0, 255, 128], bytes[..3]);
        Assert.Equal([42, 127], bytes[48..50]);
        Assert.Equal([0x00, 0x40], bytes[52..]);
    }

    [Theory]
    [MemberData(nameof(BlockTypes))]
    public void Any_bytes_decode_as_the_format_says(GgufType type)
    {
        var random = new Random(9);
        var bytes = new byte[400 * type.BlockBytes()];
        random.NextBytes(bytes);
        var values = new float[400 * type.BlockSize()];
        GgufBlocks.Decode(type, bytes, values);
        Assert.Equal(PlainGguf.Decode((int)type, bytes, values.Length), values);
    }

    [Fact]
    public void Q4_rounds_as_worked_out_by_hand()
    {
        var values = new float[32];
        (values[0], values[1], values[2], values[16], values[17]) = (-8, 7.75f, 0.5f, -0.5f, 1.49f);
        var bytes = new byte[18];
        Assert.True(GgufBlocks.TryEncode(GgufType.Q4_0, values, bytes));
        // d = -8 / -8; codes + 8: 0, 15 (16 does not exist), 9 and 8 (halves go up), 9.
        Assert.Equal([0x00, 0x3C, 0x80, 0x9F, 0x89], bytes[..5]);
        Assert.All(bytes[5..], b => Assert.Equal(0x88, b));
        values[0] = 8;
        Assert.True(GgufBlocks.TryEncode(GgufType.Q4_0, values, bytes));
        // The greatest is positive, so d is negative and it is code -8 all the same.
        Assert.Equal([0x00, 0xBC, 0x90], bytes[..3]);
    }

    [Fact]
    public void Q8_rounds_as_worked_out_by_hand()
    {
        var values = new float[32];
        (values[0], values[1], values[2], values[3]) = (-127, 0.5f, -0.5f, 2.4f);
        var bytes = new byte[34];
        Assert.True(GgufBlocks.TryEncode(GgufType.Q8_0, values, bytes));
        // d = 1; halves go away from zero.
        Assert.Equal([0x00, 0x3C, 0x81, 0x01, 0xFF, 0x02, 0x00], bytes[..7]);
    }

    [Theory]
    [InlineData(GgufType.Q4_0, 1.01)]
    [InlineData(GgufType.Q8_0, 0.57)]
    public void Rounding_costs_a_step_at_most(GgufType type, double steps)
    {
        // Scales are normal float16s; a subnormal one is itself a coarse step.
        var random = new Random(5);
        var values = new float[32 * 500];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)((random.NextDouble() - 0.5) * Math.Pow(2, i / 32 % 20 - 4));
        var bytes = new byte[500 * type.BlockBytes()];
        Assert.True(GgufBlocks.TryEncode(type, values, bytes));
        var decoded = PlainGguf.Decode((int)type, bytes, values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            var step = Math.Abs((double)BitConverter.ToHalf(bytes.AsSpan(i / 32 * type.BlockBytes())));
            Assert.True(Math.Abs(decoded[i] - values[i]) <= steps * step, $"{values[i]} became {decoded[i]} in steps of {step}.");
        }
    }

    [Fact]
    public void Blocks_of_zeros_stay_zeros()
    {
        var bytes = new byte[34];
        Assert.True(GgufBlocks.TryEncode(GgufType.Q8_0, new float[32], bytes));
        Assert.All(PlainGguf.Decode(8, bytes, 32), v => Assert.Equal(0, v));
        Assert.True(GgufBlocks.TryEncode(GgufType.Q4_0, new float[32], bytes));
        Assert.All(PlainGguf.Decode(2, bytes, 32), v => Assert.Equal(0, v));
    }

    [Theory]
    [InlineData(GgufType.F16, 65_520f)]
    [InlineData(GgufType.F16, float.NaN)]
    [InlineData(GgufType.Q8_0, 9e6f)]
    [InlineData(GgufType.Q8_0, float.NaN)]
    [InlineData(GgufType.Q4_0, float.NegativeInfinity)]
    [InlineData(GgufType.Q4_0, float.NaN)]
    public void What_float16_cannot_hold_is_told(GgufType type, float value)
    {
        var values = new float[64];
        var bytes = new byte[256];
        values[7] = value;
        Assert.False(GgufBlocks.TryEncode(type, values, bytes));
        values[7] = 1;
        Assert.True(GgufBlocks.TryEncode(type, values, bytes));
    }

    [Theory]
    [InlineData(GgufType.TQ2_0, 128, 512, false)]
    [InlineData(GgufType.TQ2_0, 256, 512, true)]
    [InlineData(GgufType.TQ2_0, 96, 96, false)]
    [InlineData(GgufType.Q4_0, 96, 96, true)]
    [InlineData(GgufType.Q4_0, 48, 96, false)]
    [InlineData(GgufType.Q8_0, 75, 75, false)]
    [InlineData(GgufType.F16, 75, 75, true)]
    public void Groups_must_be_whole_blocks(GgufType type, int group, int row, bool exact) =>
        Assert.Equal(exact, GgufBlocks.IsExact(type, QuantizationScheme.Ternary, [2, row], group));

    [Fact]
    public void Larger_codes_need_a_larger_type()
    {
        var int8 = new QuantizationScheme("int8", -127, 127);
        Assert.Equal([GgufType.F32, GgufType.Q8_0], Enum.GetValues<GgufType>().Where(t => GgufBlocks.IsExact(t, int8, [1, 256], 256)));
        var tensor = Samples.Quantized(new Random(1), [1, 256], 256, int8);
        Assert.Throws<ArgumentException>(() => GgufBlocks.EncodeRows(GgufType.TQ2_0, tensor, 0, 1, new byte[66]));
    }

    private static bool IsExact(GgufType type, QuantizedTensor tensor)
    {
        var expected = new float[tensor.Count];
        tensor.Dequantize(expected);
        var bytes = Encode(type, tensor);
        var decoded = new float[expected.Length];
        GgufBlocks.Decode(type, bytes, decoded);
        // Numbers, not bits: -0 equals 0.
        return PlainGguf.Decode((int)type, bytes, expected.Length).AsSpan().SequenceEqual(expected) && decoded.AsSpan().SequenceEqual(expected);
    }

    private static byte[] Encode(GgufType type, QuantizedTensor tensor)
    {
        var bytes = new byte[type.Bytes(tensor.Shape)];
        // Row by row, as a packer of large tensors does.
        var rowBytes = bytes.Length / tensor.Rows;
        for (var row = 0; row < tensor.Rows; row++)
            Assert.Equal(rowBytes, GgufBlocks.EncodeRows(type, tensor, row, 1, bytes.AsSpan(row * rowBytes)));
        return bytes;
    }
}
