using System.Numerics;
using System.Runtime.InteropServices;

namespace CompressionHost.Tensors;

/// <summary>Conversion of 16-bit floats to float32 in vectors. Exact: every float16 and bfloat16 value is a float32 value.</summary>
public static class HalfFloats
{
    private const float TwoTo112 = 5.192296858534828e33f;

    /// <summary>Widens float16.</summary>
    /// <param name="source">Values.</param>
    /// <param name="destination">At least as many.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
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

    // Exponent and mantissa moved into float32's fields read as the value times 2^-112, subnormals included; one exact
    // multiplication undoes that. Infinity and NaN have the largest exponent in either format.
    private static Vector<float> FromHalfBits(Vector<uint> bits)
    {
        var magnitude = (bits & new Vector<uint>(0x7FFF)) << 13;
        var special = Vector.GreaterThanOrEqual(magnitude, new Vector<uint>(0x7C00u << 13)) & new Vector<uint>(0x7F800000);
        var value = Vector.AsVectorUInt32(Vector.AsVectorSingle(magnitude) * new Vector<float>(TwoTo112));
        return Vector.AsVectorSingle(value | special | ((bits & new Vector<uint>(0x8000)) << 16));
    }

    private static void Check(int source, int destination)
    {
        if (destination < source)
            throw new ArgumentException($"{destination} values cannot hold {source}.", nameof(destination));
    }
}
