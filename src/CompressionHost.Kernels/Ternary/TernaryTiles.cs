using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels;

/// <summary>
/// The product of ternary weights with many tokens. A tile of a few rows and one chunk of columns is unpacked from the 2-bit codes and used for a whole block of
/// tokens; the block's activations, arranged once, stay in the second-level cache while all rows pass over them.
/// </summary>
internal static unsafe class TernaryTiles<TTile>
    where TTile : struct, ITernaryTile
{
    // Half of the smallest second-level cache of processors that have AVX2 or AdvSimd in earnest is 128 to 512 KiB.
    private const int ActivationBudget = 256 * 1024;

    // Sums of this many tokens lie in the first-level cache until they are scaled. A multiple of 4, 5 and 8, the tokens of the micro-kernels.
    private const int TokenStep = 40;

    public static bool Takes(PackedWeights weights) => TTile.SplitsBytes || weights.Groups == 1 || weights.Group % 4 == 0;

    // Blocks are evened out, so that fewer tokens can have a larger block; the largest is a single one.
    public static long ScratchBytes(PackedWeights weights, int tokens) => new Scratch(weights, Math.Min(tokens, new Scratch(weights, tokens).Most)).Bytes;

    /// <summary>As <see cref="ProductKernel.Multiply"/>.</summary>
    public static void Multiply(PackedWeights weights, sbyte* x, long xStride, int tokens, int firstRow, int rows, float* y, long yStride, byte* scratch)
    {
        var memory = new Scratch(weights, tokens);
        for (var t = 0; t < tokens; t += memory.Block)
        {
            var block = Math.Min(memory.Block, tokens - t);
            Arrange(weights, x + t * xStride, xStride, block, memory, scratch);
            for (var row = firstRow; row < firstRow + rows; row += TTile.Rows)
                MultiplyRows(weights, row, Math.Min(TTile.Rows, firstRow + rows - row), block, y + t * yStride, yStride, memory, scratch);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Arrange(PackedWeights weights, sbyte* x, long xStride, int tokens, in Scratch memory, byte* scratch)
    {
        var sums = memory.Sums(scratch);
        for (var t = 0; t < tokens; t++)
        {
            var arranged = scratch + t * memory.Stride;
            var chunk = new ColumnChunks(weights, TTile.MaxColumns);
            while (chunk.MoveNext())
            {
                sums[chunk.Index * memory.Block + t] = TTile.Arrange(x + t * xStride + chunk.Column, chunk.Width, arranged);
                arranged += Padded(chunk.Width) * TTile.ActivationBytes;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyRows(PackedWeights weights, int row, int rows, int tokens, float* y, long yStride, in Scratch memory, byte* scratch)
    {
        var tile = memory.Tile(scratch);
        var sums = memory.Sums(scratch);
        var results = memory.Results(scratch);
        var partial = memory.Partial(scratch);
        var codes = weights.Codes + (long)row * weights.RowBytes;
        var arranged = scratch;
        var chunk = new ColumnChunks(weights, TTile.MaxColumns);
        while (chunk.MoveNext())
        {
            var columns = Padded(chunk.Width);
            TTile.Unpack(codes, weights.RowBytes, rows, chunk.Column, chunk.Width, tile);
            var next = chunk.Column + chunk.Width;
            Prefetch(codes + (next < weights.Columns ? next / 4 : rows * weights.RowBytes), weights.RowBytes, rows);
            var scales = weights.Scales + (long)chunk.Group * weights.ScaleStride + row;
            var isLastGroup = chunk.Group == weights.Groups - 1;
            for (var t = 0; t < tokens; t += TokenStep)
            {
                var step = Math.Min(TokenStep, tokens - t);
                var activations = arranged + t * memory.Stride;
                var offsets = sums + chunk.Index * memory.Block + t;
                var before = chunk.Group == 0 ? null : partial + t * TTile.Rows;
                var after = isLastGroup ? y + t * yStride + row : partial + t * TTile.Rows;
                var afterStride = isLastGroup ? yStride : TTile.Rows;
                if (TTile.Scales && !memory.ChunksMeet && rows == TTile.Rows)
                {
                    TTile.MultiplyScaled(tile, activations, memory.Stride, columns, step, offsets, scales, before, TTile.Rows, after, afterStride);
                    continue;
                }
                var result = memory.ChunksMeet ? results + t * TTile.Rows : results;
                TTile.Multiply(tile, activations, memory.Stride, columns, step, offsets, result, !chunk.IsFirst);
                for (var i = 0; chunk.IsLast && i < step; i++)
                    GroupScale.Apply(result + i * TTile.Rows, scales, before is null ? null : before + i * TTile.Rows, after + i * afterStride, rows);
            }
            arranged += columns * TTile.ActivationBytes;
        }
    }

    // The codes of the next tile are a line of each of many rows, which no processor foresees; they arrive while this one is multiplied. Where they would lie beyond the
    // last row, nothing is read.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* codes, long rowBytes, int rows)
    {
        if (!Sse.IsSupported)
            return;
        for (var r = 0; r < rows; r++)
            Sse.Prefetch1(codes + r * rowBytes);
    }

    private static int Padded(int width) => (width + TTile.ColumnMultiple - 1) / TTile.ColumnMultiple * TTile.ColumnMultiple;

    /// <summary>
    /// Where things lie in the scratch memory: the block's activations, the tile, the sums of activations [chunks, block], the integer results, and
    /// what the groups so far came to [block, rows]. Outputs lie a row of all outputs apart, often in the same few sets of the caches, so each is written once.
    /// </summary>
    private readonly struct Scratch
    {
        private readonly long _tile;
        private readonly long _sums;
        private readonly long _results;
        private readonly long _partial;

        public Scratch(PackedWeights weights, int tokens)
        {
            var columns = 0L;
            var chunk = new ColumnChunks(weights, TTile.MaxColumns);
            while (chunk.MoveNext())
                columns += Padded(chunk.Width);
            ChunksMeet = chunk.Index + 1 > weights.Groups;
            // Tokens a large power of two apart would compete for the same few sets of the cache.
            Stride = Aligned(columns * TTile.ActivationBytes);
            if (Stride % 1024 == 0)
                Stride += 64;
            Most = (int)Math.Max(TokenStep, ActivationBudget / Stride);
            var blocks = (tokens + Most - 1) / Most;
            Block = ((tokens + blocks - 1) / blocks + TTile.Tokens - 1) / TTile.Tokens * TTile.Tokens;
            _tile = Aligned(Block * Stride);
            _sums = _tile + Aligned(TTile.TileBytes);
            _results = _sums + Aligned((chunk.Index + 1L) * Block * sizeof(int));
            _partial = _results + Aligned((long)(ChunksMeet ? Block : TokenStep) * TTile.Rows * sizeof(int));
            Bytes = _partial + (weights.Groups > 1 ? Aligned((long)Block * TTile.Rows * sizeof(float)) : 0);
        }

        /// <summary>Tokens up to which one block does.</summary>
        public int Most { get; }

        /// <summary>Tokens of a block.</summary>
        public int Block { get; }

        /// <summary>Bytes between tokens.</summary>
        public long Stride { get; }

        /// <summary>Whether some group is wider than a chunk, so that sums wait for each other.</summary>
        public bool ChunksMeet { get; }

        public long Bytes { get; }

        public byte* Tile(byte* scratch) => scratch + _tile;

        public int* Sums(byte* scratch) => (int*)(scratch + _sums);

        public int* Results(byte* scratch) => (int*)(scratch + _results);

        public float* Partial(byte* scratch) => (float*)(scratch + _partial);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static long Aligned(long bytes) => (bytes + 63) & ~63L;
    }
}
