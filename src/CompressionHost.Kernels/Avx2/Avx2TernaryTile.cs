using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels;

/// <summary>
/// Twice sixteen rows by <c>vpmaddubsw</c>: four columns of eight rows are one vector of codes + 1, unsigned, against four signed activations in every lane.
/// Sixteen rows of five tokens are what the registers hold; the second sixteen find the tokens' activations in the first-level cache, which the tokens of a block
/// do not fit. What codes + 1 have too much is the sum of the activations: a lane of 16 bits begins with minus that of its own, so it ends with its sum of code times
/// activation, at most 128 * 127 = 16,256 in a chunk of 256 columns, whatever it wraps to on the way.
/// Tile: [2][256 / 4][16 rows][4]. Activations: planes of 16 columns, so that a step's four columns are 4 apart.
/// </summary>
internal readonly unsafe struct Avx2TernaryTile : ITernaryTile
{
    private const int StepBytes = 64;
    private const int PanelRows = 16;
    private const int PanelBytes = 256 * PanelRows;

    public static int Rows => 2 * PanelRows;

    public static int Tokens => 5;

    public static int MaxColumns => 256;

    public static int ColumnMultiple => 16;

    public static int ActivationBytes => 1;

    // Rows are unpacked 64 columns at a time, the last of them beyond the chunk.
    public static int TileBytes => MaxColumns * Rows;

    public static bool SplitsBytes => false;

    public static int Arrange(sbyte* x, int width, byte* arranged) => TileActivations.Arrange(x, width, arranged);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack(byte* row, long rowBytes, int rows, int column, int width, byte* tile)
    {
        var bytes = (width + 3) / 4;
        var codes = row + column / 4;
        var rest = stackalloc byte[8 * 16];
        for (var first = 0; first < rows; first += 8)
        {
            // Rows that are not there repeat the last one.
            var r0 = codes + first * rowBytes;
            var r1 = codes + Math.Min(first + 1, rows - 1) * rowBytes;
            var r2 = codes + Math.Min(first + 2, rows - 1) * rowBytes;
            var r3 = codes + Math.Min(first + 3, rows - 1) * rowBytes;
            var r4 = codes + Math.Min(first + 4, rows - 1) * rowBytes;
            var r5 = codes + Math.Min(first + 5, rows - 1) * rowBytes;
            var r6 = codes + Math.Min(first + 6, rows - 1) * rowBytes;
            var r7 = codes + Math.Min(first + 7, rows - 1) * rowBytes;
            var to = tile + first / PanelRows * PanelBytes + first % PanelRows * 4;
            var b = 0;
            for (; b <= bytes - 16; b += 16, to += 16 * StepBytes)
                Transpose(Pair(r0 + b, r4 + b), Pair(r1 + b, r5 + b), Pair(r2 + b, r6 + b), Pair(r3 + b, r7 + b), to);
            if (b < bytes)
            {
                // What follows the chunk may be nobody's memory.
                for (var r = 0; r < 8; r++)
                    Unsafe.CopyBlockUnaligned(rest + 16 * r, codes + Math.Min(first + r, rows - 1) * rowBytes + b, (uint)(bytes - b));
                Transpose(Pair(rest, rest + 64), Pair(rest + 16, rest + 80), Pair(rest + 32, rest + 96), Pair(rest + 48, rest + 112), to);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Pair(byte* low, byte* high) => Vector256.Create(Vector128.Load(low), Vector128.Load(high)).AsUInt32();

    // Sixteen bytes of rows r and r + 4 to four vectors of one 32-bit word, sixteen codes, of each of the eight rows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(Vector256<uint> v0, Vector256<uint> v1, Vector256<uint> v2, Vector256<uint> v3, byte* tile)
    {
        var a = Avx2.UnpackLow(v0, v1).AsUInt64();
        var b = Avx2.UnpackLow(v2, v3).AsUInt64();
        var c = Avx2.UnpackHigh(v0, v1).AsUInt64();
        var d = Avx2.UnpackHigh(v2, v3).AsUInt64();
        Planes(Avx2.UnpackLow(a, b), tile);
        Planes(Avx2.UnpackHigh(a, b), tile + 4 * StepBytes);
        Planes(Avx2.UnpackLow(c, d), tile + 8 * StepBytes);
        Planes(Avx2.UnpackHigh(c, d), tile + 12 * StepBytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Planes(Vector256<ulong> words, byte* tile)
    {
        var mask = Vector256.Create(0x0303030303030303UL);
        (words & mask).Store((ulong*)tile);
        ((words >>> 2) & mask).Store((ulong*)(tile + StepBytes));
        ((words >>> 4) & mask).Store((ulong*)(tile + 2 * StepBytes));
        ((words >>> 6) & mask).Store((ulong*)(tile + 3 * StepBytes));
    }

    public static bool Scales => true;

    public static void Multiply(byte* tile, byte* x, long xStride, int columns, int tokens, int* sums, int* result, bool add) =>
        Multiply(tile, x, xStride, columns, tokens, sums, new TileSums(result, Rows, add), new TileSums(result + PanelRows, Rows, add));

    public static void MultiplyScaled(byte* tile, byte* x, long xStride, int columns, int tokens, int* sums, float* scales, float* before, long beforeStride, float* y, long yStride)
    {
        // The second panel's lie behind the first's, but there is only one of nothing.
        var next = before + PanelRows;
        if (before is null)
        {
            before = next = TileValues.Nothing;
            beforeStride = 0;
        }
        Multiply(
            tile, x, xStride, columns, tokens, sums, new TileValues(scales, before, beforeStride, y, yStride),
            new TileValues(scales + PanelRows, next, beforeStride, y + PanelRows, yStride));
    }

    // The micro-kernels are compiled into this, once and for good: as methods of their own they were 7% slower.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<TOutput>(byte* tile, byte* x, long xStride, int columns, int tokens, int* sums, TOutput first, TOutput second)
        where TOutput : struct, ITileOutput<TOutput>
    {
        var t = 0;
        for (; t <= tokens - 5; t += 5)
        {
            Five(tile, x + t * xStride, (nint)xStride, columns, sums + t, first.From(t));
            Five(tile + PanelBytes, x + t * xStride, (nint)xStride, columns, sums + t, second.From(t));
        }
        for (; t <= tokens - 2; t += 2)
        {
            Two(tile, x + t * xStride, (nint)xStride, columns, sums + t, first.From(t));
            Two(tile + PanelBytes, x + t * xStride, (nint)xStride, columns, sums + t, second.From(t));
        }
        if (t < tokens)
        {
            One(tile, x + t * xStride, columns, sums + t, first.From(t));
            One(tile + PanelBytes, x + t * xStride, columns, sums + t, second.From(t));
        }
    }

    // Ten accumulators, two vectors of codes, one of activations and one product: fourteen of AVX2's sixteen registers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Five<TOutput>(byte* tile, byte* x, nint stride, nint columns, int* sums, TOutput output)
        where TOutput : struct, ITileOutput<TOutput>
    {
        var (a0, b0, c0, d0, e0) = (Start(sums[0]), Start(sums[1]), Start(sums[2]), Start(sums[3]), Start(sums[4]));
        var (a1, b1, c1, d1, e1) = (a0, b0, c0, d0, e0);
        var x1 = x + stride;
        var x2 = x1 + stride;
        var x3 = x2 + stride;
        var x4 = x3 + stride;
        for (nint k = 0; k < columns; k += 4, tile += StepBytes)
        {
            var (low, high) = (Vector256.Load(tile), Vector256.Load(tile + 32));
            var v = Vector256.Create(*(int*)(x + k)).AsSByte();
            a0 += Avx2.MultiplyAddAdjacent(low, v);
            a1 += Avx2.MultiplyAddAdjacent(high, v);
            v = Vector256.Create(*(int*)(x1 + k)).AsSByte();
            b0 += Avx2.MultiplyAddAdjacent(low, v);
            b1 += Avx2.MultiplyAddAdjacent(high, v);
            v = Vector256.Create(*(int*)(x2 + k)).AsSByte();
            c0 += Avx2.MultiplyAddAdjacent(low, v);
            c1 += Avx2.MultiplyAddAdjacent(high, v);
            v = Vector256.Create(*(int*)(x3 + k)).AsSByte();
            d0 += Avx2.MultiplyAddAdjacent(low, v);
            d1 += Avx2.MultiplyAddAdjacent(high, v);
            v = Vector256.Create(*(int*)(x4 + k)).AsSByte();
            e0 += Avx2.MultiplyAddAdjacent(low, v);
            e1 += Avx2.MultiplyAddAdjacent(high, v);
        }
        Store(a0, a1, 0, output);
        Store(b0, b1, 1, output);
        Store(c0, c1, 2, output);
        Store(d0, d1, 3, output);
        Store(e0, e1, 4, output);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Two<TOutput>(byte* tile, byte* x, nint stride, nint columns, int* sums, TOutput output)
        where TOutput : struct, ITileOutput<TOutput>
    {
        var (a0, b0) = (Start(sums[0]), Start(sums[1]));
        var (a1, b1) = (a0, b0);
        for (nint k = 0; k < columns; k += 4, tile += StepBytes)
        {
            var (low, high) = (Vector256.Load(tile), Vector256.Load(tile + 32));
            var v = Vector256.Create(*(int*)(x + k)).AsSByte();
            a0 += Avx2.MultiplyAddAdjacent(low, v);
            a1 += Avx2.MultiplyAddAdjacent(high, v);
            v = Vector256.Create(*(int*)(x + stride + k)).AsSByte();
            b0 += Avx2.MultiplyAddAdjacent(low, v);
            b1 += Avx2.MultiplyAddAdjacent(high, v);
        }
        Store(a0, a1, 0, output);
        Store(b0, b1, 1, output);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void One<TOutput>(byte* tile, byte* x, nint columns, int* sums, TOutput output)
        where TOutput : struct, ITileOutput<TOutput>
    {
        var a0 = Start(sums[0]);
        var a1 = a0;
        for (nint k = 0; k < columns; k += 4, tile += StepBytes)
        {
            var v = Vector256.Create(*(int*)(x + k)).AsSByte();
            a0 += Avx2.MultiplyAddAdjacent(Vector256.Load(tile), v);
            a1 += Avx2.MultiplyAddAdjacent(Vector256.Load(tile + 32), v);
        }
        Store(a0, a1, 0, output);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Start(int sums) => Vector256.Create(sums).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TOutput>(Vector256<short> low, Vector256<short> high, int token, in TOutput output)
        where TOutput : struct, ITileOutput<TOutput> =>
        output.Store(token, Avx2.MultiplyAddAdjacent(low, Vector256<short>.One), Avx2.MultiplyAddAdjacent(high, Vector256<short>.One));
}
