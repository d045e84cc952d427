using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels;

/// <summary>
/// The inner loops: one chunk of one, two, four or five tokens against a tile of 128 rows. One vpermw looks up a triple of 32 rows and one vpaddw adds it, so two
/// instructions do 96 multiply-adds. Tables of the tokens alternate: [86][tokens][32].
/// </summary>
internal static unsafe class LookupSums
{
    /// <summary>
    /// Whole tiles of four tokens, scaled and added to the output without leaving the registers: the product's common case.
    /// </summary>
    /// <typeparam name="TBefore">What the output holds before.</typeparam>
    /// <param name="tile">First of the tiles.</param>
    /// <param name="tiles">How many.</param>
    /// <param name="tables">The tokens' tables.</param>
    /// <param name="starts">What their sums start from.</param>
    /// <param name="scales">Scales of the rows of the first tile.</param>
    /// <param name="y">Output of the first token and the first row of the first tile.</param>
    /// <param name="stride">Floats between tokens.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FourScaled<TBefore>(short* tile, int tiles, short* tables, short* starts, float* scales, float* y, long stride)
        where TBefore : struct, ILookupOutput
    {
        for (var n = 0; n < tiles; n++)
        {
            Vector512<short> a00 = Vector512.Create(starts[0]), a01 = a00, a02 = a00, a03 = a00;
            Vector512<short> a10 = Vector512.Create(starts[1]), a11 = a10, a12 = a10, a13 = a10;
            Vector512<short> a20 = Vector512.Create(starts[2]), a21 = a20, a22 = a20, a23 = a20;
            Vector512<short> a30 = Vector512.Create(starts[3]), a31 = a30, a32 = a30, a33 = a30;
            var table = tables;
            for (var k = 0; k < LookupTriples.Pairs; k++)
            {
                var i = Indices.Load(tile);
                Add(ref a00, ref a01, ref a02, ref a03, table, i);
                Add(ref a10, ref a11, ref a12, ref a13, table + 32, i);
                Add(ref a20, ref a21, ref a22, ref a23, table + 64, i);
                Add(ref a30, ref a31, ref a32, ref a33, table + 96, i);
                i = Indices.LoadSecond(tile);
                Add(ref a00, ref a01, ref a02, ref a03, table + 128, i);
                Add(ref a10, ref a11, ref a12, ref a13, table + 160, i);
                Add(ref a20, ref a21, ref a22, ref a23, table + 192, i);
                Add(ref a30, ref a31, ref a32, ref a33, table + 224, i);
                table += 8 * LookupTables.Entries;
                tile += LookupTile.Rows;
            }
            Write<TBefore>(a00, a01, a02, a03, scales, y);
            Write<TBefore>(a10, a11, a12, a13, scales, y + stride);
            Write<TBefore>(a20, a21, a22, a23, scales, y + (2 * stride));
            Write<TBefore>(a30, a31, a32, a33, scales, y + (3 * stride));
            scales += LookupTile.Rows;
            y += LookupTile.Rows;
        }
    }

    /// <summary>The same of five tokens: one that is left over goes with the last four.</summary>
    /// <inheritdoc cref="FourScaled{TBefore}"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FiveScaled<TBefore>(short* tile, int tiles, short* tables, short* starts, float* scales, float* y, long stride)
        where TBefore : struct, ILookupOutput
    {
        for (var n = 0; n < tiles; n++)
        {
            Vector512<short> a00 = Vector512.Create(starts[0]), a01 = a00, a02 = a00, a03 = a00;
            Vector512<short> a10 = Vector512.Create(starts[1]), a11 = a10, a12 = a10, a13 = a10;
            Vector512<short> a20 = Vector512.Create(starts[2]), a21 = a20, a22 = a20, a23 = a20;
            Vector512<short> a30 = Vector512.Create(starts[3]), a31 = a30, a32 = a30, a33 = a30;
            Vector512<short> a40 = Vector512.Create(starts[4]), a41 = a40, a42 = a40, a43 = a40;
            var table = tables;
            for (var k = 0; k < LookupTriples.Pairs; k++)
            {
                var i = Indices.Load(tile);
                Add(ref a00, ref a01, ref a02, ref a03, table, i);
                Add(ref a10, ref a11, ref a12, ref a13, table + 32, i);
                Add(ref a20, ref a21, ref a22, ref a23, table + 64, i);
                Add(ref a30, ref a31, ref a32, ref a33, table + 96, i);
                Add(ref a40, ref a41, ref a42, ref a43, table + 128, i);
                i = Indices.LoadSecond(tile);
                Add(ref a00, ref a01, ref a02, ref a03, table + 160, i);
                Add(ref a10, ref a11, ref a12, ref a13, table + 192, i);
                Add(ref a20, ref a21, ref a22, ref a23, table + 224, i);
                Add(ref a30, ref a31, ref a32, ref a33, table + 256, i);
                Add(ref a40, ref a41, ref a42, ref a43, table + 288, i);
                table += 10 * LookupTables.Entries;
                tile += LookupTile.Rows;
            }
            Write<TBefore>(a00, a01, a02, a03, scales, y);
            Write<TBefore>(a10, a11, a12, a13, scales, y + stride);
            Write<TBefore>(a20, a21, a22, a23, scales, y + (2 * stride));
            Write<TBefore>(a30, a31, a32, a33, scales, y + (3 * stride));
            Write<TBefore>(a40, a41, a42, a43, scales, y + (4 * stride));
            scales += LookupTile.Rows;
            y += LookupTile.Rows;
        }
    }

    /// <summary>Sums of four tokens and one tile.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="tables">The tokens' tables.</param>
    /// <param name="starts">What their sums start from.</param>
    /// <param name="sums">Receives int16 [tokens][128].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Four(short* tile, short* tables, short* starts, short* sums)
    {
        Vector512<short> a00 = Vector512.Create(starts[0]), a01 = a00, a02 = a00, a03 = a00;
        Vector512<short> a10 = Vector512.Create(starts[1]), a11 = a10, a12 = a10, a13 = a10;
        Vector512<short> a20 = Vector512.Create(starts[2]), a21 = a20, a22 = a20, a23 = a20;
        Vector512<short> a30 = Vector512.Create(starts[3]), a31 = a30, a32 = a30, a33 = a30;
        for (var k = 0; k < LookupTriples.Pairs; k++)
        {
            var i = Indices.Load(tile);
            Add(ref a00, ref a01, ref a02, ref a03, tables, i);
            Add(ref a10, ref a11, ref a12, ref a13, tables + 32, i);
            Add(ref a20, ref a21, ref a22, ref a23, tables + 64, i);
            Add(ref a30, ref a31, ref a32, ref a33, tables + 96, i);
            i = Indices.LoadSecond(tile);
            Add(ref a00, ref a01, ref a02, ref a03, tables + 128, i);
            Add(ref a10, ref a11, ref a12, ref a13, tables + 160, i);
            Add(ref a20, ref a21, ref a22, ref a23, tables + 192, i);
            Add(ref a30, ref a31, ref a32, ref a33, tables + 224, i);
            tables += 8 * LookupTables.Entries;
            tile += LookupTile.Rows;
        }
        Store(a00, a01, a02, a03, sums);
        Store(a10, a11, a12, a13, sums + LookupTile.Rows);
        Store(a20, a21, a22, a23, sums + (2 * LookupTile.Rows));
        Store(a30, a31, a32, a33, sums + (3 * LookupTile.Rows));
    }

    /// <summary>Sums of two tokens and one tile.</summary>
    /// <inheritdoc cref="Four"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Two(short* tile, short* tables, short* starts, short* sums)
    {
        Vector512<short> a00 = Vector512.Create(starts[0]), a01 = a00, a02 = a00, a03 = a00;
        Vector512<short> a10 = Vector512.Create(starts[1]), a11 = a10, a12 = a10, a13 = a10;
        for (var k = 0; k < LookupTriples.Pairs; k++)
        {
            var i = Indices.Load(tile);
            Add(ref a00, ref a01, ref a02, ref a03, tables, i);
            Add(ref a10, ref a11, ref a12, ref a13, tables + 32, i);
            i = Indices.LoadSecond(tile);
            Add(ref a00, ref a01, ref a02, ref a03, tables + 64, i);
            Add(ref a10, ref a11, ref a12, ref a13, tables + 96, i);
            tables += 4 * LookupTables.Entries;
            tile += LookupTile.Rows;
        }
        Store(a00, a01, a02, a03, sums);
        Store(a10, a11, a12, a13, sums + LookupTile.Rows);
    }

    /// <summary>Sums of one token and one tile.</summary>
    /// <inheritdoc cref="Four"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void One(short* tile, short* tables, short* starts, short* sums)
    {
        Vector512<short> a00 = Vector512.Create(starts[0]), a01 = a00, a02 = a00, a03 = a00;
        for (var k = 0; k < LookupTriples.Pairs; k++)
        {
            var i = Indices.Load(tile);
            Add(ref a00, ref a01, ref a02, ref a03, tables, i);
            Add(ref a00, ref a01, ref a02, ref a03, tables + 32, Indices.LoadSecond(tile));
            tables += 2 * LookupTables.Entries;
            tile += LookupTile.Rows;
        }
        Store(a00, a01, a02, a03, sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref Vector512<short> a0, ref Vector512<short> a1, ref Vector512<short> a2, ref Vector512<short> a3, short* table, Indices i)
    {
        var t = Vector512.LoadAligned(table);
        a0 += Avx512BW.PermuteVar32x16(t, i.A);
        a1 += Avx512BW.PermuteVar32x16(t, i.B);
        a2 += Avx512BW.PermuteVar32x16(t, i.C);
        a3 += Avx512BW.PermuteVar32x16(t, i.D);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<short> a, Vector512<short> b, Vector512<short> c, Vector512<short> d, short* sums)
    {
        a.StoreAligned(sums);
        b.StoreAligned(sums + 32);
        c.StoreAligned(sums + 64);
        d.StoreAligned(sums + 96);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<TBefore>(Vector512<short> a, Vector512<short> b, Vector512<short> c, Vector512<short> d, float* scales, float* y)
        where TBefore : struct, ILookupOutput
    {
        Write<TBefore>(a, scales, y);
        Write<TBefore>(b, scales + 32, y + 32);
        Write<TBefore>(c, scales + 64, y + 64);
        Write<TBefore>(d, scales + 96, y + 96);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<TBefore>(Vector512<short> sums, float* scales, float* y)
        where TBefore : struct, ILookupOutput
    {
        var low = Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(sums.GetLower()));
        var high = Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(sums.GetUpper()));
        Avx512F.FusedMultiplyAdd(low, Vector512.Load(scales), TBefore.Load(y)).Store(y);
        Avx512F.FusedMultiplyAdd(high, Vector512.Load(scales + 16), TBefore.Load(y + 16)).Store(y + 16);
    }

    /// <summary>Indices of a tile's 128 rows in two triples: one in the low byte of a lane, one in the high byte. vpermw takes the lowest five bits.</summary>
    private readonly struct Indices(Vector512<short> a, Vector512<short> b, Vector512<short> c, Vector512<short> d)
    {
        public readonly Vector512<short> A = a;
        public readonly Vector512<short> B = b;
        public readonly Vector512<short> C = c;
        public readonly Vector512<short> D = d;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Indices Load(short* tile) =>
            new(Vector512.LoadAligned(tile), Vector512.LoadAligned(tile + 32), Vector512.LoadAligned(tile + 64), Vector512.LoadAligned(tile + 96));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Indices LoadSecond(short* tile)
        {
            tile = (short*)((byte*)tile + 1);
            return new Indices(Vector512.Load(tile), Vector512.Load(tile + 32), Vector512.Load(tile + 64), Vector512.Load(tile + 96));
        }
    }
}
