using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels;

/// <summary>
/// The inner loops: one chunk of one, two or four tokens against a tile of 128 rows. One vpermw looks up a triple of 32 rows and one vpaddw adds it, so two
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
            for (var k = 0; k < LookupTriples.Count; k++)
            {
                var i0 = Vector512.LoadAligned(tile);
                var i1 = Vector512.LoadAligned(tile + 32);
                var i2 = Vector512.LoadAligned(tile + 64);
                var i3 = Vector512.LoadAligned(tile + 96);
                tile += LookupTile.Rows;
                var t = Vector512.LoadAligned(table);
                a00 += Avx512BW.PermuteVar32x16(t, i0);
                a01 += Avx512BW.PermuteVar32x16(t, i1);
                a02 += Avx512BW.PermuteVar32x16(t, i2);
                a03 += Avx512BW.PermuteVar32x16(t, i3);
                t = Vector512.LoadAligned(table + 32);
                a10 += Avx512BW.PermuteVar32x16(t, i0);
                a11 += Avx512BW.PermuteVar32x16(t, i1);
                a12 += Avx512BW.PermuteVar32x16(t, i2);
                a13 += Avx512BW.PermuteVar32x16(t, i3);
                t = Vector512.LoadAligned(table + 64);
                a20 += Avx512BW.PermuteVar32x16(t, i0);
                a21 += Avx512BW.PermuteVar32x16(t, i1);
                a22 += Avx512BW.PermuteVar32x16(t, i2);
                a23 += Avx512BW.PermuteVar32x16(t, i3);
                t = Vector512.LoadAligned(table + 96);
                a30 += Avx512BW.PermuteVar32x16(t, i0);
                a31 += Avx512BW.PermuteVar32x16(t, i1);
                a32 += Avx512BW.PermuteVar32x16(t, i2);
                a33 += Avx512BW.PermuteVar32x16(t, i3);
                table += 4 * LookupTables.Entries;
            }
            var to = y;
            Write<TBefore>(a00, scales, to);
            Write<TBefore>(a01, scales + 32, to + 32);
            Write<TBefore>(a02, scales + 64, to + 64);
            Write<TBefore>(a03, scales + 96, to + 96);
            to += stride;
            Write<TBefore>(a10, scales, to);
            Write<TBefore>(a11, scales + 32, to + 32);
            Write<TBefore>(a12, scales + 64, to + 64);
            Write<TBefore>(a13, scales + 96, to + 96);
            to += stride;
            Write<TBefore>(a20, scales, to);
            Write<TBefore>(a21, scales + 32, to + 32);
            Write<TBefore>(a22, scales + 64, to + 64);
            Write<TBefore>(a23, scales + 96, to + 96);
            to += stride;
            Write<TBefore>(a30, scales, to);
            Write<TBefore>(a31, scales + 32, to + 32);
            Write<TBefore>(a32, scales + 64, to + 64);
            Write<TBefore>(a33, scales + 96, to + 96);
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
            for (var k = 0; k < LookupTriples.Count; k++)
            {
                var i0 = Vector512.LoadAligned(tile);
                var i1 = Vector512.LoadAligned(tile + 32);
                var i2 = Vector512.LoadAligned(tile + 64);
                var i3 = Vector512.LoadAligned(tile + 96);
                tile += LookupTile.Rows;
                var t = Vector512.LoadAligned(table);
                a00 += Avx512BW.PermuteVar32x16(t, i0);
                a01 += Avx512BW.PermuteVar32x16(t, i1);
                a02 += Avx512BW.PermuteVar32x16(t, i2);
                a03 += Avx512BW.PermuteVar32x16(t, i3);
                t = Vector512.LoadAligned(table + 32);
                a10 += Avx512BW.PermuteVar32x16(t, i0);
                a11 += Avx512BW.PermuteVar32x16(t, i1);
                a12 += Avx512BW.PermuteVar32x16(t, i2);
                a13 += Avx512BW.PermuteVar32x16(t, i3);
                t = Vector512.LoadAligned(table + 64);
                a20 += Avx512BW.PermuteVar32x16(t, i0);
                a21 += Avx512BW.PermuteVar32x16(t, i1);
                a22 += Avx512BW.PermuteVar32x16(t, i2);
                a23 += Avx512BW.PermuteVar32x16(t, i3);
                t = Vector512.LoadAligned(table + 96);
                a30 += Avx512BW.PermuteVar32x16(t, i0);
                a31 += Avx512BW.PermuteVar32x16(t, i1);
                a32 += Avx512BW.PermuteVar32x16(t, i2);
                a33 += Avx512BW.PermuteVar32x16(t, i3);
                t = Vector512.LoadAligned(table + 128);
                a40 += Avx512BW.PermuteVar32x16(t, i0);
                a41 += Avx512BW.PermuteVar32x16(t, i1);
                a42 += Avx512BW.PermuteVar32x16(t, i2);
                a43 += Avx512BW.PermuteVar32x16(t, i3);
                table += 5 * LookupTables.Entries;
            }
            var to = y;
            Write<TBefore>(a00, scales, to);
            Write<TBefore>(a01, scales + 32, to + 32);
            Write<TBefore>(a02, scales + 64, to + 64);
            Write<TBefore>(a03, scales + 96, to + 96);
            to += stride;
            Write<TBefore>(a10, scales, to);
            Write<TBefore>(a11, scales + 32, to + 32);
            Write<TBefore>(a12, scales + 64, to + 64);
            Write<TBefore>(a13, scales + 96, to + 96);
            to += stride;
            Write<TBefore>(a20, scales, to);
            Write<TBefore>(a21, scales + 32, to + 32);
            Write<TBefore>(a22, scales + 64, to + 64);
            Write<TBefore>(a23, scales + 96, to + 96);
            to += stride;
            Write<TBefore>(a30, scales, to);
            Write<TBefore>(a31, scales + 32, to + 32);
            Write<TBefore>(a32, scales + 64, to + 64);
            Write<TBefore>(a33, scales + 96, to + 96);
            to += stride;
            Write<TBefore>(a40, scales, to);
            Write<TBefore>(a41, scales + 32, to + 32);
            Write<TBefore>(a42, scales + 64, to + 64);
            Write<TBefore>(a43, scales + 96, to + 96);
            scales += LookupTile.Rows;
            y += LookupTile.Rows;
        }
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Four(short* tile, short* tables, short* starts, short* sums)
    {
        Vector512<short> a00 = Vector512.Create(starts[0]), a01 = a00, a02 = a00, a03 = a00;
        Vector512<short> a10 = Vector512.Create(starts[1]), a11 = a10, a12 = a10, a13 = a10;
        Vector512<short> a20 = Vector512.Create(starts[2]), a21 = a20, a22 = a20, a23 = a20;
        Vector512<short> a30 = Vector512.Create(starts[3]), a31 = a30, a32 = a30, a33 = a30;
        for (var k = 0; k < LookupTriples.Count; k++)
        {
            var i0 = Vector512.LoadAligned(tile);
            var i1 = Vector512.LoadAligned(tile + 32);
            var i2 = Vector512.LoadAligned(tile + 64);
            var i3 = Vector512.LoadAligned(tile + 96);
            tile += LookupTile.Rows;
            var t = Vector512.LoadAligned(tables);
            a00 += Avx512BW.PermuteVar32x16(t, i0);
            a01 += Avx512BW.PermuteVar32x16(t, i1);
            a02 += Avx512BW.PermuteVar32x16(t, i2);
            a03 += Avx512BW.PermuteVar32x16(t, i3);
            t = Vector512.LoadAligned(tables + 32);
            a10 += Avx512BW.PermuteVar32x16(t, i0);
            a11 += Avx512BW.PermuteVar32x16(t, i1);
            a12 += Avx512BW.PermuteVar32x16(t, i2);
            a13 += Avx512BW.PermuteVar32x16(t, i3);
            t = Vector512.LoadAligned(tables + 64);
            a20 += Avx512BW.PermuteVar32x16(t, i0);
            a21 += Avx512BW.PermuteVar32x16(t, i1);
            a22 += Avx512BW.PermuteVar32x16(t, i2);
            a23 += Avx512BW.PermuteVar32x16(t, i3);
            t = Vector512.LoadAligned(tables + 96);
            a30 += Avx512BW.PermuteVar32x16(t, i0);
            a31 += Avx512BW.PermuteVar32x16(t, i1);
            a32 += Avx512BW.PermuteVar32x16(t, i2);
            a33 += Avx512BW.PermuteVar32x16(t, i3);
            tables += 4 * LookupTables.Entries;
        }
        a00.StoreAligned(sums);
        a01.StoreAligned(sums + 32);
        a02.StoreAligned(sums + 64);
        a03.StoreAligned(sums + 96);
        a10.StoreAligned(sums + 128);
        a11.StoreAligned(sums + 160);
        a12.StoreAligned(sums + 192);
        a13.StoreAligned(sums + 224);
        a20.StoreAligned(sums + 256);
        a21.StoreAligned(sums + 288);
        a22.StoreAligned(sums + 320);
        a23.StoreAligned(sums + 352);
        a30.StoreAligned(sums + 384);
        a31.StoreAligned(sums + 416);
        a32.StoreAligned(sums + 448);
        a33.StoreAligned(sums + 480);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Two(short* tile, short* tables, short* starts, short* sums)
    {
        Vector512<short> a00 = Vector512.Create(starts[0]), a01 = a00, a02 = a00, a03 = a00;
        Vector512<short> a10 = Vector512.Create(starts[1]), a11 = a10, a12 = a10, a13 = a10;
        for (var k = 0; k < LookupTriples.Count; k++)
        {
            var i0 = Vector512.LoadAligned(tile);
            var i1 = Vector512.LoadAligned(tile + 32);
            var i2 = Vector512.LoadAligned(tile + 64);
            var i3 = Vector512.LoadAligned(tile + 96);
            tile += LookupTile.Rows;
            var t = Vector512.LoadAligned(tables);
            a00 += Avx512BW.PermuteVar32x16(t, i0);
            a01 += Avx512BW.PermuteVar32x16(t, i1);
            a02 += Avx512BW.PermuteVar32x16(t, i2);
            a03 += Avx512BW.PermuteVar32x16(t, i3);
            t = Vector512.LoadAligned(tables + 32);
            a10 += Avx512BW.PermuteVar32x16(t, i0);
            a11 += Avx512BW.PermuteVar32x16(t, i1);
            a12 += Avx512BW.PermuteVar32x16(t, i2);
            a13 += Avx512BW.PermuteVar32x16(t, i3);
            tables += 2 * LookupTables.Entries;
        }
        a00.StoreAligned(sums);
        a01.StoreAligned(sums + 32);
        a02.StoreAligned(sums + 64);
        a03.StoreAligned(sums + 96);
        a10.StoreAligned(sums + 128);
        a11.StoreAligned(sums + 160);
        a12.StoreAligned(sums + 192);
        a13.StoreAligned(sums + 224);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void One(short* tile, short* tables, short* starts, short* sums)
    {
        Vector512<short> a00 = Vector512.Create(starts[0]), a01 = a00, a02 = a00, a03 = a00;
        for (var k = 0; k < LookupTriples.Count; k++)
        {
            var i0 = Vector512.LoadAligned(tile);
            var i1 = Vector512.LoadAligned(tile + 32);
            var i2 = Vector512.LoadAligned(tile + 64);
            var i3 = Vector512.LoadAligned(tile + 96);
            tile += LookupTile.Rows;
            var t = Vector512.LoadAligned(tables);
            a00 += Avx512BW.PermuteVar32x16(t, i0);
            a01 += Avx512BW.PermuteVar32x16(t, i1);
            a02 += Avx512BW.PermuteVar32x16(t, i2);
            a03 += Avx512BW.PermuteVar32x16(t, i3);
            tables += LookupTables.Entries;
        }
        a00.StoreAligned(sums);
        a01.StoreAligned(sums + 32);
        a02.StoreAligned(sums + 64);
        a03.StoreAligned(sums + 96);
    }
}
