using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace CompressionHost.Kernels;

/// <summary>
/// Four rows without the dot product. Sixteen columns of a row are one vector: <c>mul</c> gives products within [-127, 127], which 8 bits hold, and <c>sadalp</c> adds
/// them in pairs to lanes of 16 bits. A step adds at most 2 * 127 to a lane, so the 16 steps of 256 columns stay far from the end; the lanes are summed across once
/// a chunk. Neither instruction needs the halves of a vector, which the compiler would move about.
/// Tile: [columns / 64][4 planes][4 rows][16]. Activations: planes of 64 columns.
/// </summary>
internal readonly unsafe struct AdvSimdTernaryTile : ITernaryTile
{
    private const int StepBytes = 64;

    public static int Rows => 4;

    public static int Tokens => 4;

    public static int MaxColumns => 256;

    public static int ColumnMultiple => 64;

    public static int ActivationBytes => 1;

    public static int TileBytes => MaxColumns * Rows;

    public static bool SplitsBytes => false;

    public static int Arrange(sbyte* x, int width, byte* arranged) => ActivationPlanes.Arrange(x, width, 64, arranged);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* row, long rowBytes, int rows, int column, int width, byte* tile)
    {
        var bytes = (width + 3) / 4;
        var codes = row + column / 4;
        for (var r = 0; r < rows; r++, codes += rowBytes)
        {
            var to = (sbyte*)tile + 16 * r;
            var b = 0;
            for (; b <= bytes - 16; b += 16, to += 4 * StepBytes)
                Planes(Vector128.Load(codes + b), to);
            if (b < bytes)
                Planes(TernaryPlanes.LoadRest(codes + b, bytes - b), to);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Planes(Vector128<byte> packed, sbyte* tile)
    {
        TernaryPlanes.Codes0(packed).Store(tile);
        TernaryPlanes.Codes1(packed).Store(tile + StepBytes);
        TernaryPlanes.Codes2(packed).Store(tile + 2 * StepBytes);
        TernaryPlanes.Codes3(packed).Store(tile + 3 * StepBytes);
    }

    public static void Multiply(byte* tile, byte* x, long xStride, int columns, int tokens, int* sums, int* result, bool add)
    {
        var t = 0;
        for (; t <= tokens - 4; t += 4)
            Four((sbyte*)tile, (sbyte*)x + t * xStride, (nint)xStride, columns, result + t * Rows, add);
        for (; t < tokens; t++)
            One((sbyte*)tile, (sbyte*)x + t * xStride, columns, result + t * Rows, add);
    }

    // Sixteen accumulators, four vectors of codes, one of activations and one of products; eight loads for 16 mul and 16 sadalp.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(sbyte* tile, sbyte* x, nint stride, int columns, int* result, bool add)
    {
        Vector128<short> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        Vector128<short> c0 = default, c1 = default, c2 = default, c3 = default, d0 = default, d1 = default, d2 = default, d3 = default;
        for (nint k = 0; k < columns; k += 16, tile += StepBytes)
        {
            var r0 = Vector128.Load(tile);
            var r1 = Vector128.Load(tile + 16);
            var r2 = Vector128.Load(tile + 32);
            var r3 = Vector128.Load(tile + 48);
            var v = Vector128.Load(x + k);
            a0 = Add(a0, r0, v);
            a1 = Add(a1, r1, v);
            a2 = Add(a2, r2, v);
            a3 = Add(a3, r3, v);
            v = Vector128.Load(x + stride + k);
            b0 = Add(b0, r0, v);
            b1 = Add(b1, r1, v);
            b2 = Add(b2, r2, v);
            b3 = Add(b3, r3, v);
            v = Vector128.Load(x + 2 * stride + k);
            c0 = Add(c0, r0, v);
            c1 = Add(c1, r1, v);
            c2 = Add(c2, r2, v);
            c3 = Add(c3, r3, v);
            v = Vector128.Load(x + 3 * stride + k);
            d0 = Add(d0, r0, v);
            d1 = Add(d1, r1, v);
            d2 = Add(d2, r2, v);
            d3 = Add(d3, r3, v);
        }
        Store(a0, a1, a2, a3, result, add);
        Store(b0, b1, b2, b3, result + 4, add);
        Store(c0, c1, c2, c3, result + 8, add);
        Store(d0, d1, d2, d3, result + 12, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(sbyte* tile, sbyte* x, int columns, int* result, bool add)
    {
        Vector128<short> a0 = default, a1 = default, a2 = default, a3 = default;
        for (nint k = 0; k < columns; k += 16, tile += StepBytes)
        {
            var v = Vector128.Load(x + k);
            a0 = Add(a0, Vector128.Load(tile), v);
            a1 = Add(a1, Vector128.Load(tile + 16), v);
            a2 = Add(a2, Vector128.Load(tile + 32), v);
            a3 = Add(a3, Vector128.Load(tile + 48), v);
        }
        Store(a0, a1, a2, a3, result, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Add(Vector128<short> sum, Vector128<sbyte> codes, Vector128<sbyte> x) =>
        AdvSimd.AddPairwiseWideningAndAdd(sum, AdvSimd.Multiply(codes, x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<short> r0, Vector128<short> r1, Vector128<short> r2, Vector128<short> r3, int* result, bool add)
    {
        var low = AdvSimd.Arm64.AddPairwise(AdvSimd.AddPairwiseWidening(r0), AdvSimd.AddPairwiseWidening(r1));
        var high = AdvSimd.Arm64.AddPairwise(AdvSimd.AddPairwiseWidening(r2), AdvSimd.AddPairwiseWidening(r3));
        var sum = AdvSimd.Arm64.AddPairwise(low, high);
        if (add)
            sum += Vector128.Load(result);
        sum.Store(result);
    }
}
