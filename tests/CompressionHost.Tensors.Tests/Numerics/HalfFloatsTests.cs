namespace CompressionHost.Tensors.Tests;

public sealed class HalfFloatsTests
{
    [Fact]
    public void Every_float16_widens_as_a_cast_does()
    {
        var halves = Enumerable.Range(0, 1 << 16).Select(i => BitConverter.UInt16BitsToHalf((ushort)i)).ToArray();
        var floats = new float[halves.Length];
        HalfFloats.Widen(halves, floats);
        for (var i = 0; i < halves.Length; i++)
            AssertSame((float)halves[i], floats[i]);
    }

    [Fact]
    public void Every_bfloat16_widens_to_the_float_with_its_upper_bits()
    {
        var bits = Enumerable.Range(0, 1 << 16).Select(i => (ushort)i).ToArray();
        var floats = new float[bits.Length];
        HalfFloats.WidenBFloat16(bits, floats);
        for (var i = 0; i < bits.Length; i++)
            AssertSame(BitConverter.UInt32BitsToSingle((uint)i << 16), floats[i]);
    }

    /// <summary>Each float16, the midpoint to the next, and the floats next to both.</summary>
    [Fact]
    public void Narrowing_rounds_as_a_cast_does()
    {
        var floats = new List<float>();
        for (var i = 0; i < 0x7C00; i++)
        {
            var (value, next) = ((float)BitConverter.UInt16BitsToHalf((ushort)i), i == 0x7BFF ? 65_536 : (float)BitConverter.UInt16BitsToHalf((ushort)(i + 1)));
            foreach (var f in new[] { value, (value + next) / 2 })
                floats.AddRange([f, -f, MathF.BitIncrement(f), MathF.BitDecrement(f), -MathF.BitIncrement(f)]);
        }
        floats.AddRange([float.PositiveInfinity, float.NegativeInfinity, float.NaN, float.MaxValue, float.Epsilon, 1e-8f, 65_520, 1e10f]);
        var random = new Random(1);
        for (var i = 0; i < 500_000; i++)
            floats.Add(BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)));
        var halves = new Half[floats.Count];
        HalfFloats.Narrow(floats.ToArray(), halves);
        for (var i = 0; i < halves.Length; i++)
        {
            if (float.IsNaN(floats[i]))
                Assert.True(Half.IsNaN(halves[i]));
            else
                Assert.Equal(BitConverter.HalfToUInt16Bits((Half)floats[i]), BitConverter.HalfToUInt16Bits(halves[i]));
        }
        Assert.Throws<ArgumentException>(() => HalfFloats.Narrow(new float[3], new Half[2]));
    }

    [Fact]
    public void Any_length_is_widened_whole()
    {
        for (var length = 0; length < 70; length++)
        {
            var floats = new float[length + 1];
            floats[length] = -7;
            HalfFloats.Widen(Enumerable.Repeat(Half.One, length).ToArray(), floats);
            Assert.All(floats[..length], v => Assert.Equal(1, v));
            Assert.Equal(-7, floats[length]);
        }
        Assert.Throws<ArgumentException>(() => HalfFloats.Widen(new Half[3], new float[2]));
    }

    private static void AssertSame(float expected, float actual)
    {
        if (float.IsNaN(expected))
            Assert.True(float.IsNaN(actual));
        else
            Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(actual));
    }
}
