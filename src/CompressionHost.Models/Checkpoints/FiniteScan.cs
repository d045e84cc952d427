using System.Numerics;
using System.Runtime.InteropServices;

namespace CompressionHost.Models;

/// <summary>Looks for NaN and infinity, a vector at a time.</summary>
internal static class FiniteScan
{
    private const uint Exponent = 0x7f80_0000;

    /// <summary>Index of the first value that is NaN or infinite; -1 where there is none.</summary>
    public static int IndexOfNonFinite(ReadOnlySpan<float> values)
    {
        var bits = MemoryMarshal.Cast<float, uint>(values);
        var exponent = new Vector<uint>(Exponent);
        var i = 0;
        for (; i <= bits.Length - Vector<uint>.Count; i += Vector<uint>.Count)
        {
            if (Vector.EqualsAny(new Vector<uint>(bits[i..]) & exponent, exponent))
                break;
        }
        for (; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
                return i;
        }
        return -1;
    }
}
