using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels;

/// <summary>
/// Builds one token's tables for one chunk: for every triple the 27 sums d0 x0 + d1 x1 + d2 x2 with digits 0, 1 and 2, in int16. Digits are codes + 1, so all sums are
/// too large by the sum of the chunk's activations; accumulators start from its negative, and int16 may wrap on the way since the end fits.
/// </summary>
internal static unsafe class LookupTables
{
    /// <summary>int16 values of one table.</summary>
    public const int Entries = 32;

    // Digits of the entries as unsigned bytes against the activations (x0, x1, x2, -) of a 32-bit lane. A lane of 16 bits sees (x0, x1) in even places and (x2, -) in odd
    // ones, so each entry is the sum of one product with the lane as it is and one with its halves swapped.
    private static readonly Vector512<byte> Digits = Vector512.Create(Patterns(swapped: false));
    private static readonly Vector512<byte> SwappedDigits = Vector512.Create(Patterns(swapped: true));
    private static readonly Vector512<byte> LeftoverLow = Vector512.Create(LeftoverIndices(0));
    private static readonly Vector512<byte> LeftoverHigh = Vector512.Create(LeftoverIndices(16));

    /// <param name="x">256 readable codes, of which those past the chunk are ignored.</param>
    /// <param name="columns">Columns of the chunk, 1 to 256.</param>
    /// <param name="tables">Receives table k at <c>k * stride</c>.</param>
    /// <param name="stride">int16 values from one table to the next.</param>
    /// <returns>What accumulators start from.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static short Build(sbyte* x, int columns, short* tables, int stride)
    {
        // Lanes of activations, as they are and swapped: 64 first triples, then the others.
        var lanes = stackalloc int[2 * 96];
        var fourths = stackalloc sbyte[64];
        var sum = Vector512<int>.Zero;
        for (var i = 0; i < 4; i++)
        {
            var v = columns >= 64 * (i + 1) ? Vector512.Load(x + (64 * i)) : Short(x + (64 * i), columns - (64 * i));
            v.AsInt32().Store(lanes + (16 * i));
            Avx512F.RotateRight(v.AsUInt32(), 16).AsInt32().Store(lanes + 96 + (16 * i));
            Avx512F.ConvertToVector128SByte(v.AsInt32() >> 24).Store(fourths + (16 * i));
            sum += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Vector512.Create((byte)1), v), Vector512.Create((short)1));
        }
        var left = Vector512.Load(fourths).AsByte();
        Leftover(left, LeftoverLow, lanes + 64);
        Leftover(left, LeftoverHigh, lanes + 80);
        var digits = Digits;
        var swapped = SwappedDigits;
        for (var k = 0; k < LookupTriples.Count; k++)
        {
            var straight = Avx512BW.MultiplyAddAdjacent(digits, Vector512.Create(lanes[k]).AsSByte());
            var crossed = Avx512BW.MultiplyAddAdjacent(swapped, Vector512.Create(lanes[96 + k]).AsSByte());
            (straight + crossed).StoreAligned(tables);
            tables += stride;
        }
        return (short)-Vector512.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Leftover(Vector512<byte> fourths, Vector512<byte> indices, int* lanes)
    {
        // Places without a byte point beyond 63 and become zero.
        var v = Avx512Vbmi.PermuteVar64x8(fourths, indices) & Vector512.LessThan(indices, Vector512.Create((byte)64));
        v.AsInt32().Store(lanes);
        Avx512F.RotateRight(v.AsUInt32(), 16).AsInt32().Store(lanes + 96);
    }

    private static Vector512<sbyte> Short(sbyte* x, int columns)
    {
        Vector512<sbyte> v = default;
        if (columns > 0)
            Unsafe.CopyBlockUnaligned(&v, x, (uint)columns);
        return v;
    }

    private static byte[] Patterns(bool swapped)
    {
        var bytes = new byte[64];
        for (var entry = 0; entry < 27; entry++)
        {
            var pair = (entry % 2 == 0) != swapped;
            bytes[2 * entry] = (byte)LookupTriples.Digit(entry, pair ? 0 : 2);
            bytes[(2 * entry) + 1] = (byte)(pair ? LookupTriples.Digit(entry, 1) : 0);
        }
        return bytes;
    }

    private static byte[] LeftoverIndices(int firstTriple)
    {
        var bytes = new byte[64];
        Array.Fill(bytes, (byte)255);
        for (var i = 0; i < 16; i++)
        {
            var triple = LookupTriples.Bytes + firstTriple + i;
            for (var place = 0; place < 3 && triple < LookupTriples.Count; place++)
            {
                var b = LookupTriples.LeftoverByte(triple, place);
                bytes[(4 * i) + place] = (byte)(b < 0 ? 255 : b);
            }
        }
        return bytes;
    }
}
