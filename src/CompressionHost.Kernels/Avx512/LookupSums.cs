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
