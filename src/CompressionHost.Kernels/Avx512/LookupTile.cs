using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels;

/// <summary>
/// Unpacks 128 rows of one chunk from the 2-bit codes of the package to indices of tables: int16 [86 triples][128 rows], 22 KB, which stay in the first-level
/// cache while every token passes. About 1,700 vector operations, against 90,000 for the look-ups of 200 tokens.
/// </summary>
internal static unsafe class LookupTile
{
    public const int Rows = 128;

    /// <summary>Bytes of a tile.</summary>
    public const int Bytes = LookupTriples.Pairs * Rows * sizeof(short);

    /// <summary>Bytes of scratch memory.</summary>
    public const int ScratchBytes = 2 * RowsAtOnce * LookupTriples.Bytes;

    private const int RowsAtOnce = 32;

    /// <param name="codes">First byte of the chunk in the first row.</param>
    /// <param name="rowBytes">Bytes between rows.</param>
    /// <param name="rows">Rows there are, 1 to 128; the tile's others repeat the last.</param>
    /// <param name="bytes">Bytes of the chunk in a row, 1 to 64; what is missing counts as zero bits, whose activations are zero.</param>
    /// <param name="tile">Receives the indices.</param>
    /// <param name="scratch"><see cref="ScratchBytes"/>.</param>
    public static void Unpack(byte* codes, long rowBytes, int rows, int bytes, short* tile, byte* scratch)
    {
        for (var block = 0; block < Rows; block += RowsAtOnce)
        {
            var words = (ushort*)scratch;
            var first = Math.Min(block, rows - 1);
            Load(codes + first * rowBytes, rowBytes, Math.Min(rows - first, RowsAtOnce), bytes, words);
            Split(words, words + RowsAtOnce * RowsAtOnce, tile + block);
            Leftovers(words + RowsAtOnce * RowsAtOnce, tile + block);
        }
    }

    // Transposes words within 8 x 8 blocks. The result has, for word m of every eight, four vectors of 8 rows each, one a 128-bit lane for words m, 8+m, 16+m and 24+m.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Load(byte* codes, long rowBytes, int rows, int bytes, ushort* words)
    {
        for (var q = 0; q < RowsAtOnce / 8; q++)
        {
            var r0 = Row(codes, rowBytes, (8 * q) + 0, rows, bytes).AsUInt16();
            var r1 = Row(codes, rowBytes, (8 * q) + 1, rows, bytes).AsUInt16();
            var r2 = Row(codes, rowBytes, (8 * q) + 2, rows, bytes).AsUInt16();
            var r3 = Row(codes, rowBytes, (8 * q) + 3, rows, bytes).AsUInt16();
            var r4 = Row(codes, rowBytes, (8 * q) + 4, rows, bytes).AsUInt16();
            var r5 = Row(codes, rowBytes, (8 * q) + 5, rows, bytes).AsUInt16();
            var r6 = Row(codes, rowBytes, (8 * q) + 6, rows, bytes).AsUInt16();
            var r7 = Row(codes, rowBytes, (8 * q) + 7, rows, bytes).AsUInt16();
            var a0 = Avx512BW.UnpackLow(r0, r1).AsUInt32();
            var a1 = Avx512BW.UnpackHigh(r0, r1).AsUInt32();
            var a2 = Avx512BW.UnpackLow(r2, r3).AsUInt32();
            var a3 = Avx512BW.UnpackHigh(r2, r3).AsUInt32();
            var a4 = Avx512BW.UnpackLow(r4, r5).AsUInt32();
            var a5 = Avx512BW.UnpackHigh(r4, r5).AsUInt32();
            var a6 = Avx512BW.UnpackLow(r6, r7).AsUInt32();
            var a7 = Avx512BW.UnpackHigh(r6, r7).AsUInt32();
            var b0 = Avx512F.UnpackLow(a0, a2).AsUInt64();
            var b1 = Avx512F.UnpackHigh(a0, a2).AsUInt64();
            var b2 = Avx512F.UnpackLow(a1, a3).AsUInt64();
            var b3 = Avx512F.UnpackHigh(a1, a3).AsUInt64();
            var b4 = Avx512F.UnpackLow(a4, a6).AsUInt64();
            var b5 = Avx512F.UnpackHigh(a4, a6).AsUInt64();
            var b6 = Avx512F.UnpackLow(a5, a7).AsUInt64();
            var b7 = Avx512F.UnpackHigh(a5, a7).AsUInt64();
            var to = words + (q * RowsAtOnce);
            Avx512F.UnpackLow(b0, b4).AsUInt16().Store(to);
            Avx512F.UnpackHigh(b0, b4).AsUInt16().Store(to + 128);
            Avx512F.UnpackLow(b1, b5).AsUInt16().Store(to + 256);
            Avx512F.UnpackHigh(b1, b5).AsUInt16().Store(to + 384);
            Avx512F.UnpackLow(b2, b6).AsUInt16().Store(to + 512);
            Avx512F.UnpackHigh(b2, b6).AsUInt16().Store(to + 640);
            Avx512F.UnpackLow(b3, b7).AsUInt16().Store(to + 768);
            Avx512F.UnpackHigh(b3, b7).AsUInt16().Store(to + 896);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Row(byte* codes, long rowBytes, int row, int rows, int bytes)
    {
        var from = codes + Math.Min(row, rows - 1) * rowBytes;
        return bytes == LookupTriples.Bytes ? Vector512.Load(from) : ShortRow(from, bytes);
    }

    // The bytes behind a short chunk may belong to nobody.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<byte> ShortRow(byte* from, int bytes)
    {
        Vector512<byte> row = default;
        Unsafe.CopyBlockUnaligned(&row, from, (uint)bytes);
        return row;
    }

    // Words of 32 rows: the low byte is one triple, the high byte the next, and the two top bits of each byte are left over.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Split(ushort* words, ushort* leftovers, short* tile)
    {
        var map = Vector512.Create(LookupTriples.FromBits);
        for (var m = 0; m < 8; m++)
        {
            var v0 = Vector512.Load(words).AsUInt64();
            var v1 = Vector512.Load(words + 32).AsUInt64();
            var v2 = Vector512.Load(words + 64).AsUInt64();
            var v3 = Vector512.Load(words + 96).AsUInt64();
            words += 128;
            var t0 = Avx512F.Shuffle4x128(v0, v1, 0b10_00_10_00);
            var t1 = Avx512F.Shuffle4x128(v2, v3, 0b10_00_10_00);
            var t2 = Avx512F.Shuffle4x128(v0, v1, 0b11_01_11_01);
            var t3 = Avx512F.Shuffle4x128(v2, v3, 0b11_01_11_01);
            Word(Avx512F.Shuffle4x128(t0, t1, 0b10_00_10_00), m, map, leftovers, tile);
            Word(Avx512F.Shuffle4x128(t2, t3, 0b10_00_10_00), m + 8, map, leftovers, tile);
            Word(Avx512F.Shuffle4x128(t0, t1, 0b11_01_11_01), m + 16, map, leftovers, tile);
            Word(Avx512F.Shuffle4x128(t2, t3, 0b11_01_11_01), m + 24, map, leftovers, tile);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Word(Vector512<ulong> rows, int word, Vector512<byte> map, ushort* leftovers, short* tile)
    {
        var indices = Avx512Vbmi.PermuteVar64x8(map, rows.AsByte()).AsInt16();
        indices.Store(tile + (word * Rows));
        ((rows.AsUInt16() >>> 6) & Vector512.Create((ushort)0x0303)).Store(leftovers + (word * RowsAtOnce));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Leftovers(ushort* leftovers, short* tile)
    {
        var map = Vector512.Create(LookupTriples.FromBits);
        for (var i = 0; i < LookupTriples.Leftovers; i++)
        {
            var bits = Vector512.Load(leftovers) | (Vector512.Load(leftovers + RowsAtOnce) << 2);
            if (i < LookupTriples.Leftovers - 1)
                bits |= Vector512.Load(leftovers + (2 * RowsAtOnce)) << 4;
            leftovers += 3 * RowsAtOnce;
            var indices = Avx512Vbmi.PermuteVar64x8(map, bits.AsByte()).AsInt16();
            indices.Store(tile + (((LookupTriples.Bytes / 2) + i) * Rows));
        }
    }
}
