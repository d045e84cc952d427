using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels;

/// <summary>
/// Ternary products by table look-up on AVX-512 BW and VBMI. Rows are unpacked to tiles once a call and panel; then, token by token, tables are built once a chunk
/// (they stay in the first-level cache) and every tile of the panel is looked up (tiles come from the second level).
/// </summary>
internal sealed unsafe class LookupTernaryKernel : ProductKernel
{
    private const int TokensAtOnce = 4;

    // 24 tiles are 528 KB, half of a Zen 4 core's second-level cache, and all rows of CLIP's widest layer.
    private const int PanelRows = 24 * LookupTile.Rows;

    private const int TableBytes = TokensAtOnce * LookupTriples.Count * LookupTables.Entries * sizeof(short);
    private const int SumBytes = TokensAtOnce * LookupTile.Rows * sizeof(short);
    private const int StartBytes = 64;
    private const int WorkBytes = TableBytes + SumBytes + StartBytes + LookupTile.ScratchBytes;

    public override string Name => "avx512-lookup";

    public override KernelPath Path => KernelPath.Avx512;

    public override int RowBlock => LookupTile.Rows;

    // A chunk must begin on a whole byte, and a group of several chunks be the only one of its row.
    public override bool Takes(PackedWeights weights) =>
        weights.Groups == 1 || (weights.Group <= LookupTriples.Columns && weights.Group % 4 == 0);

    public override long ScratchBytes(PackedWeights weights, int tokens) =>
        WorkBytes + (long)Tiles(Math.Min(weights.Rows, PanelRows)) * LookupTile.Bytes;

    public override void Multiply(PackedWeights weights, sbyte* x, long xStride, int tokens, int firstRow, int rows, float* y, long yStride, byte* scratch)
    {
        for (var panel = 0; panel < rows; panel += PanelRows)
            Panel(weights, x, xStride, tokens, firstRow + panel, Math.Min(PanelRows, rows - panel), y, yStride, scratch);
    }

    private static int Tiles(int rows) => (rows + LookupTile.Rows - 1) / LookupTile.Rows;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Panel(PackedWeights weights, sbyte* x, long xStride, int tokens, int firstRow, int rows, float* y, long yStride, byte* scratch)
    {
        var tables = (short*)scratch;
        var sums = (short*)(scratch + TableBytes);
        var starts = (short*)(scratch + TableBytes + SumBytes);
        var tiles = (short*)(scratch + WorkBytes);
        var width = Math.Min(weights.Group, LookupTriples.Columns);
        for (var column = 0; column < weights.Columns; column += width)
        {
            var columns = Math.Min(width, weights.Columns - column);
            var first = column % weights.Group == 0;
            var last = column + columns == weights.Columns || (column + columns) % weights.Group == 0;
            var scales = weights.Scales + ((long)(column / weights.Group) * weights.ScaleStride);
            var finish = new LookupFinish(scales, column < weights.Group, first, last, y, yStride);
            Unpack(weights, column, columns, firstRow, rows, tiles, scratch + TableBytes + SumBytes + StartBytes);
            for (var token = 0; token < tokens;)
            {
                var count = tokens - token >= 3 ? TokensAtOnce : tokens - token;
                var real = Math.Min(count, tokens - token);
                // Three tokens go as four; the fourth looks into old tables and is not written.
                for (var t = 0; t < real; t++)
                {
                    var from = x + ((token + t) * xStride) + column;
                    Prefetch(from + (TokensAtOnce * xStride));
                    starts[t] = LookupTables.Build(from, columns, tables + (t * LookupTables.Entries), count * LookupTables.Entries);
                }
                var row = 0;
                if (real == TokensAtOnce && first && last)
                    row = WholeTiles(tiles, rows, tables, starts, scales + firstRow, column < weights.Group, y + (token * yStride) + firstRow, yStride);
                for (; row < rows; row += LookupTile.Rows)
                {
                    var tile = tiles + ((long)row * LookupTriples.Count);
                    if (count == TokensAtOnce)
                        LookupSums.Four(tile, tables, starts, sums);
                    else if (count == 2)
                        LookupSums.Two(tile, tables, starts, sums);
                    else
                        LookupSums.One(tile, tables, starts, sums);
                    finish.Write(sums, token, real, firstRow + row, Math.Min(LookupTile.Rows, rows - row));
                }
                token += real;
            }
        }
    }

    /// <returns>Rows that are done.</returns>
    private static int WholeTiles(short* tiles, int rows, short* tables, short* starts, float* scales, bool firstGroup, float* y, long yStride)
    {
        var count = rows / LookupTile.Rows;
        if (firstGroup)
            LookupSums.FourScaled<EmptyOutput>(tiles, count, tables, starts, scales, y, yStride);
        else
            LookupSums.FourScaled<PartialOutput>(tiles, count, tables, starts, scales, y, yStride);
        return count * LookupTile.Rows;
    }

    // The next tokens' activations: rows are too far apart for the processor to guess. Past the end nothing happens.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(sbyte* x)
    {
        for (var i = 0; i < LookupTriples.Columns; i += 64)
            Sse.Prefetch0(x + i);
    }

    private static void Unpack(PackedWeights weights, int column, int columns, int firstRow, int rows, short* tiles, byte* scratch)
    {
        var codes = weights.Codes + ((long)firstRow * weights.RowBytes) + (column / 4);
        for (var row = 0; row < rows; row += LookupTile.Rows)
        {
            var count = Math.Min(LookupTile.Rows, rows - row);
            LookupTile.Unpack(codes + ((long)row * weights.RowBytes), weights.RowBytes, count, (columns + 3) / 4, tiles + ((long)row * LookupTriples.Count), scratch);
        }
    }
}
