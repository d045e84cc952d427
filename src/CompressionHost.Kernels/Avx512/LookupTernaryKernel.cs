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

    // A token that is left over goes with the last four where it can: alone it would cost as much as two.
    private const int MostTokens = 5;

    // 24 tiles are 264 KB, a quarter of a Zen 4 core's second-level cache, and all rows of CLIP's widest layer.
    private const int PanelRows = 24 * LookupTile.Rows;

    private const int TableBytes = MostTokens * LookupTriples.Count * LookupTables.Entries * sizeof(short);
    private const int SumBytes = TokensAtOnce * LookupTile.Rows * sizeof(short);
    private const int StartBytes = 64;
    private const int WorkBytes = TableBytes + SumBytes + StartBytes + LookupTile.ScratchBytes;

    // The high bytes of a tile are read from one byte further on.
    private const int BytesPastTheEnd = 64;

    public override string Name => "avx512-lookup";

    public override KernelPath Path => KernelPath.Avx512;

    public override int RowBlock => LookupTile.Rows;

    // A chunk must begin on a whole byte, and a group of several chunks be the only one of its row.
    public override bool Takes(PackedWeights weights) =>
        weights.Groups == 1 || (weights.Group <= LookupTriples.Columns && weights.Group % 4 == 0);

    public override long ScratchBytes(PackedWeights weights, int tokens) =>
        WorkBytes + ((long)Tiles(Math.Min(weights.Rows, PanelRows)) * LookupTile.Bytes) + BytesPastTheEnd;

    public override long ScratchBytes(ReadOnlySpan<PackedWeights> weights, int tokens) => Together(weights)
        ? WorkBytes + ((long)weights.Length * Tiles(weights[0].Rows) * LookupTile.Bytes) + BytesPastTheEnd
        : base.ScratchBytes(weights, tokens);

    public override void Multiply(PackedWeights weights, sbyte* x, long xStride, int tokens, int firstRow, int rows, float* y, long yStride, byte* scratch)
    {
        for (var panel = 0; panel < rows; panel += PanelRows)
            Panel(new ReadOnlySpan<PackedWeights>(in weights), x, xStride, tokens, firstRow + panel, Math.Min(PanelRows, rows - panel), &y, yStride, scratch);
    }

    public override void MultiplyAll(ReadOnlySpan<PackedWeights> weights, sbyte* x, long xStride, int tokens, float** y, long yStride, byte* scratch)
    {
        if (Together(weights))
            Panel(weights, x, xStride, tokens, 0, weights[0].Rows, y, yStride, scratch);
        else
            base.MultiplyAll(weights, x, xStride, tokens, y, yStride, scratch);
    }

    private static int Tiles(int rows) => (rows + LookupTile.Rows - 1) / LookupTile.Rows;

    // Weights of one shape whose tiles fit a panel.
    private static bool Together(ReadOnlySpan<PackedWeights> weights)
    {
        foreach (var w in weights)
        {
            if (w.Rows != weights[0].Rows || w.Columns != weights[0].Columns || w.Group != weights[0].Group)
                return false;
        }
        return weights.Length * Tiles(weights[0].Rows) * LookupTile.Rows <= PanelRows;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Panel(ReadOnlySpan<PackedWeights> weights, sbyte* x, long xStride, int tokens, int firstRow, int rows, float** y, long yStride, byte* scratch)
    {
        var shape = weights[0];
        var tables = (short*)scratch;
        var starts = (short*)(scratch + TableBytes + SumBytes);
        var tiles = (short*)(scratch + WorkBytes);
        var size = (long)Tiles(rows) * LookupTile.Bytes / sizeof(short);
        var width = Math.Min(shape.Group, LookupTriples.Columns);
        for (var column = 0; column < shape.Columns; column += width)
        {
            var columns = Math.Min(width, shape.Columns - column);
            for (var i = 0; i < weights.Length; i++)
                Unpack(weights[i], column, columns, firstRow, rows, tiles + (i * size), scratch + TableBytes + SumBytes + StartBytes);
            var simple = rows % LookupTile.Rows == 0 && columns == shape.Group;
            for (var token = 0; token < tokens;)
            {
                var left = tokens - token;
                var count = left < 3 || (left == MostTokens && simple) ? left : TokensAtOnce;
                var real = Math.Min(count, tokens - token);
                // Three tokens go as four; the fourth looks into old tables and is not written.
                for (var t = 0; t < real; t++)
                {
                    var from = x + ((token + t) * xStride) + column;
                    Prefetch(from + (TokensAtOnce * xStride));
                    starts[t] = LookupTables.Build(from, columns, tables + (t * LookupTables.Entries), count * LookupTables.Entries);
                }
                for (var i = 0; i < weights.Length; i++)
                {
                    var place = new Place(weights[i], column, columns, firstRow, rows, token, real, count);
                    LookUp(place, tiles + (i * size), tables, starts, (short*)(scratch + TableBytes), y[i], yStride);
                }
                token += real;
            }
        }
    }

    /// <summary>The tiles of one of the weights for some tokens, whose tables are ready.</summary>
    private static void LookUp(in Place at, short* tiles, short* tables, short* starts, short* sums, float* y, long yStride)
    {
        var (group, end) = (at.Column / at.Weights.Group, at.Column + at.Columns);
        var first = at.Column % at.Weights.Group == 0;
        var last = end == at.Weights.Columns || end % at.Weights.Group == 0;
        var scales = at.Weights.Scales + ((long)group * at.Weights.ScaleStride);
        var row = 0;
        if (at.Tokens >= TokensAtOnce && first && last)
            row = WholeTiles(at, tiles, tables, starts, scales + at.FirstRow, group == 0, y + (at.Token * yStride) + at.FirstRow, yStride);
        var finish = new LookupFinish(scales, group == 0, first, last, y, yStride);
        for (; row < at.Rows; row += LookupTile.Rows)
        {
            var tile = tiles + ((long)row * LookupTriples.Pairs);
            if (at.Tables == TokensAtOnce)
                LookupSums.Four(tile, tables, starts, sums);
            else if (at.Tables == 2)
                LookupSums.Two(tile, tables, starts, sums);
            else
                LookupSums.One(tile, tables, starts, sums);
            finish.Write(sums, at.Token, at.Tokens, at.FirstRow + row, Math.Min(LookupTile.Rows, at.Rows - row));
        }
    }

    /// <returns>Rows that are done.</returns>
    private static int WholeTiles(in Place at, short* tiles, short* tables, short* starts, float* scales, bool firstGroup, float* y, long yStride)
    {
        var count = at.Rows / LookupTile.Rows;
        if (at.Tokens == MostTokens && firstGroup)
            LookupSums.FiveScaled<EmptyOutput>(tiles, count, tables, starts, scales, y, yStride);
        else if (at.Tokens == MostTokens)
            LookupSums.FiveScaled<PartialOutput>(tiles, count, tables, starts, scales, y, yStride);
        else if (firstGroup)
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
            LookupTile.Unpack(codes + ((long)row * weights.RowBytes), weights.RowBytes, count, (columns + 3) / 4, tiles + ((long)row * LookupTriples.Pairs), scratch);
        }
    }

    /// <summary>Which part of a product: a chunk of columns, some rows and up to five tokens, for which there are one, two, four or five tables.</summary>
    private readonly record struct Place(PackedWeights Weights, int Column, int Columns, int FirstRow, int Rows, int Token, int Tokens, int Tables);
}
