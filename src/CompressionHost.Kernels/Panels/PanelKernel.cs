namespace CompressionHost.Kernels;

/// <summary>
/// A product by panels: some rows of the weights become bytes in the order in which an inner loop reads them, once for every tile of tokens. One class for every scheme
/// and instruction set.
/// </summary>
internal sealed unsafe class PanelKernel<TCodes, TLoop> : ProductKernel
    where TCodes : struct, ICodes
    where TLoop : struct, IPanelLoop
{
    // Activations of this many bytes stay in the second-level cache while the panels go by.
    private const int TokenBlockBytes = 512 * 1024;

    public override string Name => $"{TLoop.Name}-{TCodes.Name}";

    public override KernelPath Path => TLoop.Path;

    public override int RowBlock => TLoop.Rows;

    public override bool Takes(PackedWeights weights) => TLoop.IsAvailable;

    public override long ScratchBytes(PackedWeights weights, int tokens) => PanelBytes(new PanelLayout(weights)) + EdgeBytes + (long)tokens * weights.Groups * sizeof(int);

    private static long EdgeBytes => (long)TLoop.Tokens * TLoop.Rows * sizeof(float);

    public override void Multiply(PackedWeights weights, sbyte* x, long xStride, int tokens, int firstRow, int rows, float* y, long yStride, byte* scratch)
    {
        var layout = new PanelLayout(weights);
        var edge = (float*)(scratch + PanelBytes(layout));
        var corrections = (int*)((byte*)edge + EdgeBytes);
        TokenSums.Compute(weights, x, xStride, tokens, weights.Zeros is null ? -TCodes.Zero : -1, corrections);
        var call = new PanelCall
        {
            Panel = scratch,
            XStride = xStride,
            CorrectionStride = weights.Groups * sizeof(int),
            ScaleStride = weights.ScaleStride * sizeof(float),
            ZeroStride = weights.ScaleStride,
            Groups = weights.Groups,
            Steps = layout.GroupSteps,
            LastSteps = layout.LastGroupSteps,
            Group = weights.Group,
        };
        // Whole tiles, so that no block but the last ends in a short one.
        var block = Math.Max(1, (int)(TokenBlockBytes / xStride) / TLoop.Tokens) * TLoop.Tokens;
        for (var token = 0; token < tokens; token += block)
        {
            var blockTokens = Math.Min(block, tokens - token);
            for (var row = firstRow; row < firstRow + rows; row += TLoop.Rows)
            {
                var panelRows = Math.Min(TLoop.Rows, firstRow + rows - row);
                PanelBuilder<TCodes>.Build(weights, layout, row, panelRows, TLoop.Rows, scratch);
                call.Scales = weights.Scales + row;
                call.Zeros = weights.Zeros is null ? null : weights.Zeros + row;
                for (var t = token; t < token + blockTokens; t += TLoop.Tokens)
                {
                    call.X = x + t * xStride;
                    call.Corrections = corrections + (long)t * weights.Groups;
                    Tile(ref call, Math.Min(TLoop.Tokens, token + blockTokens - t), panelRows, y + t * yStride + row, yStride, edge);
                }
            }
        }
    }

    private static long PanelBytes(PanelLayout layout) => layout.Steps * TLoop.Rows * PanelLayout.StepColumns;

    // A panel that the last rows do not fill goes through a buffer: y has no room for the others.
    private static void Tile(ref PanelCall call, int tokens, int rows, float* y, long yStride, float* edge)
    {
        var whole = rows == TLoop.Rows;
        call.Y = whole ? y : edge;
        call.YStride = (whole ? yStride : TLoop.Rows) * sizeof(float);
        fixed (PanelCall* p = &call)
            TLoop.Run(p, tokens);
        if (whole)
            return;
        for (var t = 0; t < tokens; t++)
            new Span<float>(edge + t * TLoop.Rows, rows).CopyTo(new Span<float>(y + t * yStride, rows));
    }
}
