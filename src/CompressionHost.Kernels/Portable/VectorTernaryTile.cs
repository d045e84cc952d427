using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CompressionHost.Kernels;

/// <summary>
/// Vectors of 128 bits with nothing but multiplication and addition of 16-bit lanes, a row a lane. Codes are -1, 0 and 1, so 256 columns sum to at most
/// 256 * 127 = 32,512, which 16 bits hold.
/// </summary>
internal readonly unsafe struct VectorTernaryTile : ITernaryTile
{
    private const int Lanes = 8;

    public static int Rows => 2 * Lanes;

    public static int Tokens => 4;

    public static int MaxColumns => 256;

    public static int ColumnMultiple => 1;

    public static int ActivationBytes => sizeof(short);

    public static int TileBytes => MaxColumns * Rows * sizeof(short);

    public static bool SplitsBytes => true;

    public static int Arrange(sbyte* x, int width, byte* arranged)
    {
        var wide = (short*)arranged;
        for (var c = 0; c < width; c++)
            wide[c] = x[c];
        return 0;
    }

    public static void Unpack(byte* row, long rowBytes, int rows, int column, int width, byte* tile)
    {
        for (var r = 0; r < rows; r++)
        {
            var codes = row + r * rowBytes;
            var lane = (short*)tile + r;
            for (var c = column; c < column + width; c++, lane += Rows)
                *lane = (short)(((codes[c >> 2] >> (2 * (c & 3))) & 3) - 1);
        }
    }

    public static void Multiply(byte* tile, byte* x, long xStride, int columns, int tokens, int* sums, int* result, bool add)
    {
        var t = 0;
        for (; t <= tokens - Tokens; t += Tokens)
            Four((short*)tile, (short*)(x + t * xStride), xStride / sizeof(short), columns, result + t * Rows, add);
        for (; t < tokens; t++)
            One((short*)tile, (short*)(x + t * xStride), columns, result + t * Rows, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(short* tile, short* x, long stride, int columns, int* result, bool add)
    {
        Vector128<short> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        for (nint k = 0; k < columns; k++, tile += 2 * Lanes)
        {
            var (low, high) = (Vector128.Load(tile), Vector128.Load(tile + Lanes));
            var v = Vector128.Create(x[k]);
            a0 += low * v;
            a1 += high * v;
            v = Vector128.Create(x[stride + k]);
            b0 += low * v;
            b1 += high * v;
            v = Vector128.Create(x[2 * stride + k]);
            c0 += low * v;
            c1 += high * v;
            v = Vector128.Create(x[3 * stride + k]);
            d0 += low * v;
            d1 += high * v;
        }
        Store(a0, a1, result, add);
        Store(b0, b1, result + 2 * Lanes, add);
        Store(c0, c1, result + 4 * Lanes, add);
        Store(d0, d1, result + 6 * Lanes, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(short* tile, short* x, int columns, int* result, bool add)
    {
        Vector128<short> a0 = default, a1 = default;
        for (nint k = 0; k < columns; k++, tile += 2 * Lanes)
        {
            var v = Vector128.Create(x[k]);
            a0 += Vector128.Load(tile) * v;
            a1 += Vector128.Load(tile + Lanes) * v;
        }
        Store(a0, a1, result, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<short> low, Vector128<short> high, int* result, bool add)
    {
        var (a, b) = Vector128.Widen(low);
        var (c, d) = Vector128.Widen(high);
        if (add)
        {
            a += Vector128.Load(result);
            b += Vector128.Load(result + 4);
            c += Vector128.Load(result + 8);
            d += Vector128.Load(result + 12);
        }
        a.Store(result);
        b.Store(result + 4);
        c.Store(result + 8);
        d.Store(result + 12);
    }
}
