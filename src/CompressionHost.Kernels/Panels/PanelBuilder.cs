using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels;

/// <summary>Makes a panel from packed rows: codes become bytes, and the four bytes of a step of neighbouring rows come to lie side by side.</summary>
internal static unsafe class PanelBuilder<TCodes>
    where TCodes : struct, ICodes
{
    /// <summary>Rows that are turned at a time.</summary>
    private const int Band = 16;

    private const int FetchBytes = 512;
    private const int StepsOfChunk = ICodes.Chunk / PanelLayout.StepColumns;

    /// <param name="weights">The weights.</param>
    /// <param name="layout">Their layout.</param>
    /// <param name="firstRow">First row of the panel.</param>
    /// <param name="rows">How many of its rows there are; the others become zeros.</param>
    /// <param name="panelRows">Rows of a panel, a multiple of <see cref="Band"/>.</param>
    /// <param name="panel">Receives [steps, rows of the panel, 4].</param>
    [SkipLocalsInit]
    public static void Build(PackedWeights weights, PanelLayout layout, int firstRow, int rows, int panelRows, byte* panel)
    {
        // On whole lines: each chunk is stored and soon loaded as one vector.
        var room = stackalloc byte[Band * ICodes.Chunk + ICodes.Chunk];
        var bytes = (byte*)(((nint)room + ICodes.Chunk - 1) & -ICodes.Chunk);
        for (var band = 0; band < panelRows; band += Band)
        {
            var bandRows = Math.Clamp(rows - band, 0, Band);
            if (bandRows < Band)
                new Span<byte>(bytes, Band * ICodes.Chunk).Clear();
            var codes = weights.Codes + (long)(firstRow + band) * weights.RowBytes;
            var destination = panel + band * PanelLayout.StepColumns;
            var stride = (long)panelRows * PanelLayout.StepColumns;
            for (var run = 0; run < weights.Columns; run += layout.RunColumns)
            {
                var end = Math.Min(run + layout.RunColumns, weights.Columns);
                for (var column = run; column < end; column += ICodes.Chunk)
                {
                    var count = Math.Min(ICodes.Chunk, end - column);
                    var steps = (count + PanelLayout.StepColumns - 1) / PanelLayout.StepColumns;
                    var fetch = FetchPlace(column, weights);
                    if (bandRows == Band && count == ICodes.Chunk && column % ICodes.Chunk == 0 && Avx512BW.IsSupported)
                    {
                        Turn512(codes, weights.RowBytes, column, fetch, destination, stride);
                    }
                    else
                    {
                        var source = codes;
                        for (var row = 0; row < bandRows; row++, source += weights.RowBytes)
                        {
                            if (Sse.IsSupported)
                                Sse.Prefetch0(source + fetch);
                            TCodes.Expand(source, column, count, bytes + row * ICodes.Chunk);
                        }
                        Turn((int*)bytes, steps, destination, stride);
                    }
                    destination += steps * stride;
                }
            }
        }
    }

    // Sixteen rows are sixteen streams, more than the processor follows by itself. What follows a row's end is the same row of the next band.
    private static long FetchPlace(int column, PackedWeights weights)
    {
        var ahead = (long)column * weights.RowBytes / weights.Columns + FetchBytes;
        return ahead < weights.RowBytes ? ahead : ahead + (long)(Band - 1) * weights.RowBytes;
    }

    // Four rows by four steps at a time; the last one to three steps of a short chunk one by one.
    private static void Turn(int* rows, int steps, byte* destination, long stride)
    {
        var step = 0;
        for (; step <= steps - 4 && Interleaving.IsSupported; step += 4, destination += 4 * stride)
        {
            for (var row = 0; row < Band; row += 4)
            {
                var source = rows + row * StepsOfChunk + step;
                var (a, b) = (Vector128.Load(source), Vector128.Load(source + StepsOfChunk));
                var (c, d) = (Vector128.Load(source + 2 * StepsOfChunk), Vector128.Load(source + 3 * StepsOfChunk));
                var (ac, bd) = (Interleaving.Low(a, c), Interleaving.Low(b, d));
                Interleaving.Low(ac, bd).Store((int*)destination + row);
                Interleaving.High(ac, bd).Store((int*)(destination + stride) + row);
                (ac, bd) = (Interleaving.High(a, c), Interleaving.High(b, d));
                Interleaving.Low(ac, bd).Store((int*)(destination + 2 * stride) + row);
                Interleaving.High(ac, bd).Store((int*)(destination + 3 * stride) + row);
            }
        }
        for (; step < steps; step++, destination += stride)
        {
            for (var row = 0; row < Band; row++)
                ((int*)destination)[row] = rows[row * StepsOfChunk + step];
        }
    }

    // Sixteen rows of a chunk, a 16 x 16 transpose of 32-bit lanes. First four rows each: quarter q of vector i then holds step 4 q + i of them.
    private static void Turn512(byte* row, long rowBytes, int column, long fetch, byte* destination, long stride)
    {
        Turn4(row, rowBytes, column, fetch, out var a0, out var a1, out var a2, out var a3);
        Turn4(row + 4 * rowBytes, rowBytes, column, fetch, out var b0, out var b1, out var b2, out var b3);
        Turn4(row + 8 * rowBytes, rowBytes, column, fetch, out var c0, out var c1, out var c2, out var c3);
        Turn4(row + 12 * rowBytes, rowBytes, column, fetch, out var d0, out var d1, out var d2, out var d3);
        Gather(a0, b0, c0, d0, destination, stride);
        Gather(a1, b1, c1, d1, destination + stride, stride);
        Gather(a2, b2, c2, d2, destination + 2 * stride, stride);
        Gather(a3, b3, c3, d3, destination + 3 * stride, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn4(byte* row, long rowBytes, int column, long fetch, out Vector512<int> t0, out Vector512<int> t1, out Vector512<int> t2, out Vector512<int> t3)
    {
        Sse.Prefetch0(row + fetch);
        Sse.Prefetch0(row + rowBytes + fetch);
        Sse.Prefetch0(row + 2 * rowBytes + fetch);
        Sse.Prefetch0(row + 3 * rowBytes + fetch);
        var a = TCodes.Expand512(row, column).AsInt32();
        var b = TCodes.Expand512(row + rowBytes, column).AsInt32();
        var c = TCodes.Expand512(row + 2 * rowBytes, column).AsInt32();
        var d = TCodes.Expand512(row + 3 * rowBytes, column).AsInt32();
        var (ab, cd) = (Avx512F.UnpackLow(a, b).AsInt64(), Avx512F.UnpackLow(c, d).AsInt64());
        t0 = Avx512F.UnpackLow(ab, cd).AsInt32();
        t1 = Avx512F.UnpackHigh(ab, cd).AsInt32();
        (ab, cd) = (Avx512F.UnpackHigh(a, b).AsInt64(), Avx512F.UnpackHigh(c, d).AsInt64());
        t2 = Avx512F.UnpackLow(ab, cd).AsInt32();
        t3 = Avx512F.UnpackHigh(ab, cd).AsInt32();
    }

    // The same quarter of four vectors is a step of sixteen rows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Gather(Vector512<int> a, Vector512<int> b, Vector512<int> c, Vector512<int> d, byte* destination, long stride)
    {
        const byte even = 0b10_00_10_00;
        const byte odd = 0b11_01_11_01;
        var (e0, o0) = (Avx512F.Shuffle4x128(a, b, even), Avx512F.Shuffle4x128(a, b, odd));
        var (e1, o1) = (Avx512F.Shuffle4x128(c, d, even), Avx512F.Shuffle4x128(c, d, odd));
        Avx512F.Shuffle4x128(e0, e1, even).Store((int*)destination);
        Avx512F.Shuffle4x128(o0, o1, even).Store((int*)(destination + 4 * stride));
        Avx512F.Shuffle4x128(e0, e1, odd).Store((int*)(destination + 8 * stride));
        Avx512F.Shuffle4x128(o0, o1, odd).Store((int*)(destination + 12 * stride));
    }
}
