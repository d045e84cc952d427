using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CompressionHost.Kernels;

/// <summary>Makes a panel from packed rows: codes become bytes, and the four bytes of a step of neighbouring rows come to lie side by side.</summary>
internal static unsafe class PanelBuilder<TCodes>
    where TCodes : struct, ICodes
{
    /// <summary>Rows that are turned at a time.</summary>
    private const int Band = 16;

    private const int StepsOfChunk = ICodes.Chunk / PanelLayout.StepColumns;

    /// <param name="weights">The weights.</param>
    /// <param name="layout">Their layout.</param>
    /// <param name="firstRow">First row of the panel.</param>
    /// <param name="rows">How many of its rows there are; the others become zeros.</param>
    /// <param name="panelRows">Rows of a panel, a multiple of <see cref="Band"/>.</param>
    /// <param name="panel">Receives [steps, rows of the panel, 4].</param>
    public static void Build(PackedWeights weights, PanelLayout layout, int firstRow, int rows, int panelRows, byte* panel)
    {
        var bytes = stackalloc byte[Band * ICodes.Chunk];
        for (var band = 0; band < panelRows; band += Band)
        {
            var bandRows = Math.Clamp(rows - band, 0, Band);
            if (bandRows < Band)
                new Span<byte>(bytes, Band * ICodes.Chunk).Clear();
            var codes = weights.Codes + (long)(firstRow + band) * weights.RowBytes;
            var destination = panel + band * PanelLayout.StepColumns;
            for (var run = 0; run < weights.Columns; run += layout.RunColumns)
            {
                var end = Math.Min(run + layout.RunColumns, weights.Columns);
                for (var column = run; column < end; column += ICodes.Chunk)
                {
                    var count = Math.Min(ICodes.Chunk, end - column);
                    for (var row = 0; row < bandRows; row++)
                        TCodes.Expand(codes + (long)row * weights.RowBytes, column, count, bytes + row * ICodes.Chunk);
                    var steps = (count + PanelLayout.StepColumns - 1) / PanelLayout.StepColumns;
                    if (steps == StepsOfChunk && Avx512F.IsSupported)
                        Turn512((int*)bytes, destination, panelRows * PanelLayout.StepColumns);
                    else
                        Turn((int*)bytes, steps, destination, panelRows * PanelLayout.StepColumns);
                    destination += (long)steps * panelRows * PanelLayout.StepColumns;
                }
            }
        }
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

    // A 16 x 16 transpose of 32-bit lanes: pairs of rows, of pairs, then of 128-bit quarters twice.
    private static void Turn512(int* rows, byte* destination, long stride)
    {
        var t = stackalloc Vector512<int>[16];
        for (var i = 0; i < 16; i += 4)
        {
            var (a, b) = (Vector512.Load(rows + (i * 16)), Vector512.Load(rows + ((i + 1) * 16)));
            var (c, d) = (Vector512.Load(rows + ((i + 2) * 16)), Vector512.Load(rows + ((i + 3) * 16)));
            var (ab, cd) = (Avx512F.UnpackLow(a, b).AsInt64(), Avx512F.UnpackLow(c, d).AsInt64());
            t[i] = Avx512F.UnpackLow(ab, cd).AsInt32();
            t[i + 1] = Avx512F.UnpackHigh(ab, cd).AsInt32();
            (ab, cd) = (Avx512F.UnpackHigh(a, b).AsInt64(), Avx512F.UnpackHigh(c, d).AsInt64());
            t[i + 2] = Avx512F.UnpackLow(ab, cd).AsInt32();
            t[i + 3] = Avx512F.UnpackHigh(ab, cd).AsInt32();
        }
        // Quarter q of t[4 j + i] holds step 4 q + i of rows 4 j to 4 j + 3.
        const byte even = 0b10_00_10_00;
        const byte odd = 0b11_01_11_01;
        for (var i = 0; i < 4; i++)
        {
            var (e0, o0) = (Avx512F.Shuffle4x128(t[i], t[4 + i], even), Avx512F.Shuffle4x128(t[i], t[4 + i], odd));
            var (e1, o1) = (Avx512F.Shuffle4x128(t[8 + i], t[12 + i], even), Avx512F.Shuffle4x128(t[8 + i], t[12 + i], odd));
            Avx512F.Shuffle4x128(e0, e1, even).Store((int*)(destination + i * stride));
            Avx512F.Shuffle4x128(o0, o1, even).Store((int*)(destination + (4 + i) * stride));
            Avx512F.Shuffle4x128(e0, e1, odd).Store((int*)(destination + (8 + i) * stride));
            Avx512F.Shuffle4x128(o0, o1, odd).Store((int*)(destination + (12 + i) * stride));
        }
    }
}
