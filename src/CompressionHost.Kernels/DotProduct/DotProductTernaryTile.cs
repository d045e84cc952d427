using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace CompressionHost.Kernels;

/// <summary>
/// Eight rows by <c>sdot</c>, which adds four products to a lane of 32 bits: four columns of four rows are one vector of codes, and one of the four quarters
/// of a vector of activations goes to every lane. Sums are exact whatever the width.
/// Tile: [columns / 4][8 rows][4]. Activations: planes of 16 columns.
/// </summary>
internal readonly unsafe struct DotProductTernaryTile : ITernaryTile
{
    private const int StepBytes = 32;

    public static int Rows => 8;

    public static int Tokens => 8;

    public static int MaxColumns => 256;

    public static int ColumnMultiple => 16;

    public static int ActivationBytes => 1;

    public static int TileBytes => MaxColumns * Rows;

    public static bool SplitsBytes => false;

    public static int Arrange(sbyte* x, int width, byte* arranged) => ActivationPlanes.Arrange(x, width, 16, arranged);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* row, long rowBytes, int rows, int column, int width, byte* tile)
    {
        var bytes = (width + 3) / 4;
        var codes = row + column / 4;
        for (var half = 0; half < Rows; half += 4)
        {
            // Rows that are not there repeat the last one.
            var r0 = codes + Math.Min(half, rows - 1) * rowBytes;
            var r1 = codes + Math.Min(half + 1, rows - 1) * rowBytes;
            var r2 = codes + Math.Min(half + 2, rows - 1) * rowBytes;
            var r3 = codes + Math.Min(half + 3, rows - 1) * rowBytes;
            var to = (sbyte*)tile + half * 4;
            var b = 0;
            for (; b <= bytes - 16; b += 16, to += 16 * StepBytes)
                Transpose(Vector128.Load(r0 + b), Vector128.Load(r1 + b), Vector128.Load(r2 + b), Vector128.Load(r3 + b), to);
            if (b < bytes)
            {
                var last = bytes - b;
                Transpose(TernaryPlanes.LoadRest(r0 + b, last), TernaryPlanes.LoadRest(r1 + b, last), TernaryPlanes.LoadRest(r2 + b, last), TernaryPlanes.LoadRest(r3 + b, last), to);
            }
        }
    }

    // Sixteen bytes of four rows to four vectors of one 32-bit word, sixteen codes, of each row.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(Vector128<byte> v0, Vector128<byte> v1, Vector128<byte> v2, Vector128<byte> v3, sbyte* tile)
    {
        var a = AdvSimd.Arm64.ZipLow(v0.AsUInt32(), v1.AsUInt32()).AsUInt64();
        var b = AdvSimd.Arm64.ZipLow(v2.AsUInt32(), v3.AsUInt32()).AsUInt64();
        var c = AdvSimd.Arm64.ZipHigh(v0.AsUInt32(), v1.AsUInt32()).AsUInt64();
        var d = AdvSimd.Arm64.ZipHigh(v2.AsUInt32(), v3.AsUInt32()).AsUInt64();
        Planes(AdvSimd.Arm64.ZipLow(a, b).AsByte(), tile);
        Planes(AdvSimd.Arm64.ZipHigh(a, b).AsByte(), tile + 4 * StepBytes);
        Planes(AdvSimd.Arm64.ZipLow(c, d).AsByte(), tile + 8 * StepBytes);
        Planes(AdvSimd.Arm64.ZipHigh(c, d).AsByte(), tile + 12 * StepBytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Planes(Vector128<byte> words, sbyte* tile)
    {
        TernaryPlanes.Codes0(words).Store(tile);
        TernaryPlanes.Codes1(words).Store(tile + StepBytes);
        TernaryPlanes.Codes2(words).Store(tile + 2 * StepBytes);
        TernaryPlanes.Codes3(words).Store(tile + 3 * StepBytes);
    }

    public static void Multiply(byte* tile, byte* x, long xStride, int columns, int tokens, int* sums, int* result, bool add)
    {
        var t = 0;
        for (; t <= tokens - 8; t += 8)
            Eight((sbyte*)tile, (sbyte*)x + t * xStride, (nint)xStride, columns, result + t * Rows, add);
        for (; t <= tokens - 2; t += 2)
            Two((sbyte*)tile, (sbyte*)x + t * xStride, (nint)xStride, columns, result + t * Rows, add);
        if (t < tokens)
            One((sbyte*)tile, (sbyte*)x + t * xStride, columns, result + t * Rows, add);
    }

    // Sixteen accumulators, eight vectors of activations and two of codes; sixteen loads for 64 sdot.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eight(sbyte* tile, sbyte* x, nint stride, int columns, int* result, bool add)
    {
        Vector128<int> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        Vector128<int> e0 = default, e1 = default, f0 = default, f1 = default, g0 = default, g1 = default, h0 = default, h1 = default;
        var xe = x + 4 * stride;
        for (nint k = 0; k < columns; k += 16, tile += 4 * StepBytes)
        {
            var va = Vector128.Load(x + k);
            var vb = Vector128.Load(x + stride + k);
            var vc = Vector128.Load(x + 2 * stride + k);
            var vd = Vector128.Load(x + 3 * stride + k);
            var ve = Vector128.Load(xe + k);
            var vf = Vector128.Load(xe + stride + k);
            var vg = Vector128.Load(xe + 2 * stride + k);
            var vh = Vector128.Load(xe + 3 * stride + k);
            var low = Vector128.Load(tile);
            var high = Vector128.Load(tile + 16);
            a0 = Dp.DotProductBySelectedQuadruplet(a0, low, va, 0);
            a1 = Dp.DotProductBySelectedQuadruplet(a1, high, va, 0);
            b0 = Dp.DotProductBySelectedQuadruplet(b0, low, vb, 0);
            b1 = Dp.DotProductBySelectedQuadruplet(b1, high, vb, 0);
            c0 = Dp.DotProductBySelectedQuadruplet(c0, low, vc, 0);
            c1 = Dp.DotProductBySelectedQuadruplet(c1, high, vc, 0);
            d0 = Dp.DotProductBySelectedQuadruplet(d0, low, vd, 0);
            d1 = Dp.DotProductBySelectedQuadruplet(d1, high, vd, 0);
            e0 = Dp.DotProductBySelectedQuadruplet(e0, low, ve, 0);
            e1 = Dp.DotProductBySelectedQuadruplet(e1, high, ve, 0);
            f0 = Dp.DotProductBySelectedQuadruplet(f0, low, vf, 0);
            f1 = Dp.DotProductBySelectedQuadruplet(f1, high, vf, 0);
            g0 = Dp.DotProductBySelectedQuadruplet(g0, low, vg, 0);
            g1 = Dp.DotProductBySelectedQuadruplet(g1, high, vg, 0);
            h0 = Dp.DotProductBySelectedQuadruplet(h0, low, vh, 0);
            h1 = Dp.DotProductBySelectedQuadruplet(h1, high, vh, 0);
            low = Vector128.Load(tile + 32);
            high = Vector128.Load(tile + 48);
            a0 = Dp.DotProductBySelectedQuadruplet(a0, low, va, 1);
            a1 = Dp.DotProductBySelectedQuadruplet(a1, high, va, 1);
            b0 = Dp.DotProductBySelectedQuadruplet(b0, low, vb, 1);
            b1 = Dp.DotProductBySelectedQuadruplet(b1, high, vb, 1);
            c0 = Dp.DotProductBySelectedQuadruplet(c0, low, vc, 1);
            c1 = Dp.DotProductBySelectedQuadruplet(c1, high, vc, 1);
            d0 = Dp.DotProductBySelectedQuadruplet(d0, low, vd, 1);
            d1 = Dp.DotProductBySelectedQuadruplet(d1, high, vd, 1);
            e0 = Dp.DotProductBySelectedQuadruplet(e0, low, ve, 1);
            e1 = Dp.DotProductBySelectedQuadruplet(e1, high, ve, 1);
            f0 = Dp.DotProductBySelectedQuadruplet(f0, low, vf, 1);
            f1 = Dp.DotProductBySelectedQuadruplet(f1, high, vf, 1);
            g0 = Dp.DotProductBySelectedQuadruplet(g0, low, vg, 1);
            g1 = Dp.DotProductBySelectedQuadruplet(g1, high, vg, 1);
            h0 = Dp.DotProductBySelectedQuadruplet(h0, low, vh, 1);
            h1 = Dp.DotProductBySelectedQuadruplet(h1, high, vh, 1);
            low = Vector128.Load(tile + 64);
            high = Vector128.Load(tile + 80);
            a0 = Dp.DotProductBySelectedQuadruplet(a0, low, va, 2);
            a1 = Dp.DotProductBySelectedQuadruplet(a1, high, va, 2);
            b0 = Dp.DotProductBySelectedQuadruplet(b0, low, vb, 2);
            b1 = Dp.DotProductBySelectedQuadruplet(b1, high, vb, 2);
            c0 = Dp.DotProductBySelectedQuadruplet(c0, low, vc, 2);
            c1 = Dp.DotProductBySelectedQuadruplet(c1, high, vc, 2);
            d0 = Dp.DotProductBySelectedQuadruplet(d0, low, vd, 2);
            d1 = Dp.DotProductBySelectedQuadruplet(d1, high, vd, 2);
            e0 = Dp.DotProductBySelectedQuadruplet(e0, low, ve, 2);
            e1 = Dp.DotProductBySelectedQuadruplet(e1, high, ve, 2);
            f0 = Dp.DotProductBySelectedQuadruplet(f0, low, vf, 2);
            f1 = Dp.DotProductBySelectedQuadruplet(f1, high, vf, 2);
            g0 = Dp.DotProductBySelectedQuadruplet(g0, low, vg, 2);
            g1 = Dp.DotProductBySelectedQuadruplet(g1, high, vg, 2);
            h0 = Dp.DotProductBySelectedQuadruplet(h0, low, vh, 2);
            h1 = Dp.DotProductBySelectedQuadruplet(h1, high, vh, 2);
            low = Vector128.Load(tile + 96);
            high = Vector128.Load(tile + 112);
            a0 = Dp.DotProductBySelectedQuadruplet(a0, low, va, 3);
            a1 = Dp.DotProductBySelectedQuadruplet(a1, high, va, 3);
            b0 = Dp.DotProductBySelectedQuadruplet(b0, low, vb, 3);
            b1 = Dp.DotProductBySelectedQuadruplet(b1, high, vb, 3);
            c0 = Dp.DotProductBySelectedQuadruplet(c0, low, vc, 3);
            c1 = Dp.DotProductBySelectedQuadruplet(c1, high, vc, 3);
            d0 = Dp.DotProductBySelectedQuadruplet(d0, low, vd, 3);
            d1 = Dp.DotProductBySelectedQuadruplet(d1, high, vd, 3);
            e0 = Dp.DotProductBySelectedQuadruplet(e0, low, ve, 3);
            e1 = Dp.DotProductBySelectedQuadruplet(e1, high, ve, 3);
            f0 = Dp.DotProductBySelectedQuadruplet(f0, low, vf, 3);
            f1 = Dp.DotProductBySelectedQuadruplet(f1, high, vf, 3);
            g0 = Dp.DotProductBySelectedQuadruplet(g0, low, vg, 3);
            g1 = Dp.DotProductBySelectedQuadruplet(g1, high, vg, 3);
            h0 = Dp.DotProductBySelectedQuadruplet(h0, low, vh, 3);
            h1 = Dp.DotProductBySelectedQuadruplet(h1, high, vh, 3);
        }
        Store(a0, a1, result, add);
        Store(b0, b1, result + 8, add);
        Store(c0, c1, result + 16, add);
        Store(d0, d1, result + 24, add);
        Store(e0, e1, result + 32, add);
        Store(f0, f1, result + 40, add);
        Store(g0, g1, result + 48, add);
        Store(h0, h1, result + 56, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two(sbyte* tile, sbyte* x, nint stride, int columns, int* result, bool add)
    {
        Vector128<int> a0 = default, a1 = default, b0 = default, b1 = default;
        for (nint k = 0; k < columns; k += 4, tile += StepBytes)
        {
            var low = Vector128.Load(tile);
            var high = Vector128.Load(tile + 16);
            var v = Vector128.Create(*(int*)(x + k)).AsSByte();
            a0 = Dp.DotProduct(a0, low, v);
            a1 = Dp.DotProduct(a1, high, v);
            v = Vector128.Create(*(int*)(x + stride + k)).AsSByte();
            b0 = Dp.DotProduct(b0, low, v);
            b1 = Dp.DotProduct(b1, high, v);
        }
        Store(a0, a1, result, add);
        Store(b0, b1, result + 8, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(sbyte* tile, sbyte* x, int columns, int* result, bool add)
    {
        Vector128<int> a0 = default, a1 = default;
        for (nint k = 0; k < columns; k += 4, tile += StepBytes)
        {
            var v = Vector128.Create(*(int*)(x + k)).AsSByte();
            a0 = Dp.DotProduct(a0, Vector128.Load(tile), v);
            a1 = Dp.DotProduct(a1, Vector128.Load(tile + 16), v);
        }
        Store(a0, a1, result, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<int> low, Vector128<int> high, int* result, bool add)
    {
        if (add)
        {
            low += Vector128.Load(result);
            high += Vector128.Load(result + 4);
        }
        low.Store(result);
        high.Store(result + 4);
    }
}
