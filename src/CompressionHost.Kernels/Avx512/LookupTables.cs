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

    // Room for the lanes of 86 triples, in whole vectors.
    private const int Lanes = 96;

    // Digits of the entries as unsigned bytes against the activations (x0, x1, x2, -) of a 32-bit lane. A lane of 16 bits sees (x0, x1) in even places and (x2, -) in odd
    // ones, so each entry is the sum of one product with the lane as it is and one with its halves swapped.
    private static readonly Vector512<byte> Digits = Vector512.Create(Patterns(swapped: false));
    private static readonly Vector512<byte> SwappedDigits = Vector512.Create(Patterns(swapped: true));
    private static readonly Vector512<sbyte> EveryFourth = Vector512.Create(Enumerable.Range(0, 64).Select(i => (sbyte)(((4 * i) + 3) % 128)).ToArray());
    private static readonly Vector512<byte> LeftoverLow = Vector512.Create(LeftoverIndices(0));
    private static readonly Vector512<byte> LeftoverHigh = Vector512.Create(LeftoverIndices(16));

    /// <param name="x">Codes of the chunk; nothing past it is read.</param>
    /// <param name="columns">Columns of the chunk, 1 to 256.</param>
    /// <param name="tables">Receives table k at <c>k * stride</c>.</param>
    /// <param name="stride">int16 values from one table to the next.</param>
    /// <returns>What accumulators start from.</returns>
    public static short Build(sbyte* x, int columns, short* tables, int stride) =>
        columns == LookupTriples.Columns ? BuildWhole(x, tables, stride) : BuildShort(x, columns, tables, stride);

    // What is missing is zero, and adds nothing to any sum.
    [SkipLocalsInit]
    private static short BuildShort(sbyte* x, int columns, short* tables, int stride)
    {
        var whole = stackalloc sbyte[LookupTriples.Columns];
        new Span<sbyte>(whole + columns, LookupTriples.Columns - columns).Clear();
        Unsafe.CopyBlockUnaligned(whole, x, (uint)columns);
        return BuildWhole(whole, tables, stride);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static short BuildWhole(sbyte* x, short* tables, int stride)
    {
        // Lanes of activations, as they are and swapped: 64 first triples, then the others.
        var lanes = stackalloc int[2 * Lanes];
        var v0 = Vector512.Load(x);
        var v1 = Vector512.Load(x + 64);
        var v2 = Vector512.Load(x + 128);
        var v3 = Vector512.Load(x + 192);
        Both(v0.AsUInt32(), lanes);
        Both(v1.AsUInt32(), lanes + 16);
        Both(v2.AsUInt32(), lanes + 32);
        Both(v3.AsUInt32(), lanes + 48);
        var fourths = Vector512.Create(
            Avx512Vbmi.PermuteVar64x8x2(v0, EveryFourth, v1).GetLower(), Avx512Vbmi.PermuteVar64x8x2(v2, EveryFourth, v3).GetLower()).AsByte();
        Both(Leftover(fourths, LeftoverLow), lanes + 64);
        Both(Leftover(fourths, LeftoverHigh), lanes + 80);
        var digits = Digits;
        var swapped = SwappedDigits;
        for (var k = 0; k < LookupTriples.Count; k += 2)
        {
            Sums(digits, swapped, lanes + k).StoreAligned(tables);
            Sums(digits, swapped, lanes + k + 1).StoreAligned(tables + stride);
            tables += 2 * stride;
        }
        var ones = Vector512<byte>.One;
        var pairs = Avx512BW.MultiplyAddAdjacent(ones, v0) + Avx512BW.MultiplyAddAdjacent(ones, v1) + Avx512BW.MultiplyAddAdjacent(ones, v2) + Avx512BW.MultiplyAddAdjacent(ones, v3);
        return (short)-Vector512.Sum(Avx512BW.MultiplyAddAdjacent(pairs, Vector512<short>.One));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Both(Vector512<uint> lanes, int* to)
    {
        lanes.Store((uint*)to);
        Avx512F.RotateRight(lanes, 16).Store((uint*)to + Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Sums(Vector512<byte> digits, Vector512<byte> swapped, int* lane) =>
        Avx512BW.MultiplyAddAdjacent(digits, Vector512.Create(lane[0]).AsSByte()) + Avx512BW.MultiplyAddAdjacent(swapped, Vector512.Create(lane[Lanes]).AsSByte());

    // Places without a byte point beyond 63 and become zero.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Leftover(Vector512<byte> fourths, Vector512<byte> indices) =>
        (Avx512Vbmi.PermuteVar64x8(fourths, indices) & Vector512.LessThan(indices, Vector512.Create((byte)64))).AsUInt32();

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
