using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CompressionHost.Tensors;

/// <summary>Conversion between 16-bit floats and float32, in vectors. Widening is exact: every float16 and bfloat16 value is a float32 value.</summary>
public static class HalfFloats
{
    private const float TwoTo112 = 5.192296858534828e33f;

    // Bits of 2^-14, below which a float16 is subnormal, and of 65520, from which it is infinite.
    private const uint SmallestNormal = 0x38800000;
    private const uint Overflow = 0x477FF000;

    /// <summary>Widens float16.</summary>
    /// <param name="source">Values.</param>
    /// <param name="destination">At least as many.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen(ReadOnlySpan<Half> source, Span<float> destination)
    {
        Check(source.Length, destination.Length);
        var bits = MemoryMarshal.Cast<Half, ushort>(source);
        var i = 0;
        for (; i <= bits.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(bits[i..]), out var low, out var high);
            FromHalfBits(low).CopyTo(destination[i..]);
            FromHalfBits(high).CopyTo(destination[(i + Vector<float>.Count)..]);
        }
        for (; i < bits.Length; i++)
            destination[i] = (float)source[i];
    }

    /// <summary>Widens bfloat16, given as its bits.</summary>
    /// <inheritdoc cref="Widen"/>
    public static void WidenBFloat16(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        Check(source.Length, destination.Length);
        var i = 0;
        for (; i <= source.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(source[i..]), out var low, out var high);
            Vector.AsVectorSingle(low << 16).CopyTo(destination[i..]);
            Vector.AsVectorSingle(high << 16).CopyTo(destination[(i + Vector<float>.Count)..]);
        }
        for (; i < source.Length; i++)
            destination[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
    }

    /// <summary>Rounds float32 to float16, to nearest, ties to even, as a cast does; 65520 and more become infinity. A NaN loses its payload.</summary>
    /// <param name="source">Values.</param>
    /// <param name="destination">At least as many.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public static void Narrow(ReadOnlySpan<float> source, Span<Half> destination)
    {
        Check(source.Length, destination.Length);
        var bits = MemoryMarshal.Cast<Half, ushort>(destination);
        var i = 0;
        for (; i <= source.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            var low = ToHalfBits(new Vector<float>(source[i..]));
            var high = ToHalfBits(new Vector<float>(source[(i + Vector<float>.Count)..]));
            Vector.Narrow(low, high).CopyTo(bits[i..]);
        }
        for (; i < source.Length; i++)
            destination[i] = (Half)source[i];
    }

    // Exponent and mantissa moved into float32's fields read as the value times 2^-112, subnormals included; one exact
    // multiplication undoes that. Infinity and NaN have the largest exponent in either format.
    private static Vector<float> FromHalfBits(Vector<uint> bits)
    {
        var magnitude = (bits & new Vector<uint>(0x7FFF)) << 13;
        var special = Vector.GreaterThanOrEqual(magnitude, new Vector<uint>(0x7C00u << 13)) & new Vector<uint>(0x7F800000);
        var value = Vector.AsVectorUInt32(Vector.AsVectorSingle(magnitude) * new Vector<float>(TwoTo112));
        return Vector.AsVectorSingle(value | special | ((bits & new Vector<uint>(0x8000)) << 16));
    }

    private static Vector<uint> ToHalfBits(Vector<float> values)
    {
        var bits = Vector.AsVectorUInt32(values);
        var magnitude = bits & new Vector<uint>(0x7FFFFFFF);
        // A carry out of the mantissa raises the exponent, as it should. The constant is half a unit less one, and -112 to the exponent.
        var normal = (magnitude + new Vector<uint>(0xC8000FFF) + ((magnitude >> 13) & Vector<uint>.One)) >> 13;
        // One unit in the last place of 0.5 is the smallest float16: the addition rounds.
        var subnormal = Vector.AsVectorUInt32(Vector.AsVectorSingle(magnitude) + new Vector<float>(0.5f)) - new Vector<uint>(0x3F000000);
        var result = Vector.ConditionalSelect(Vector.LessThan(magnitude, new Vector<uint>(SmallestNormal)), subnormal, normal);
        result = Vector.ConditionalSelect(Vector.GreaterThanOrEqual(magnitude, new Vector<uint>(Overflow)), new Vector<uint>(0x7C00), result);
        result = Vector.ConditionalSelect(Vector.GreaterThan(magnitude, new Vector<uint>(0x7F800000)), new Vector<uint>(0x7E00), result);
        return result | ((bits >> 16) & new Vector<uint>(0x8000));
    }

    private static void Check(int source, int destination)
    {
        if (destination < source)
            throw new ArgumentException($"{destination} values cannot hold {source}.", nameof(destination));
    }
}
