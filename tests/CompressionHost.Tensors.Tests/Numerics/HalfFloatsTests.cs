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
