using CompressionHost.Kernels;

namespace CompressionHost.Inference;

/// <summary>A layer that is computed in float32. Its weights are widened some rows at a time, which many tokens then share.</summary>
internal sealed unsafe class FloatLayer(FloatKernels kernels, WeightRows weights, float* bias) : LinearLayer(weights.Rows, weights.Columns, bias)
{
    // Rows of 768 floats: 72 KiB, which stay in the second-level cache while the tokens pass.
    private const int Tile = 24;

    private readonly int _padded = FloatKernels.Pad(weights.Columns);

    public override bool TakesCodes => false;

    public override string Kernel => "float32";

    public override long ScratchBytes(int tokens) => (long)Tile * _padded * sizeof(float);

    protected override void Product(in TokenRows x, int tokens, float* y, long yStride, byte* scratch)
    {
        var tile = (float*)scratch;
        for (var row = 0; row < Outputs; row += Tile)
        {
            var rows = Math.Min(Tile, Outputs - row);
            for (var r = 0; r < rows; r++)
            {
                weights.Read(row + r, new Span<float>(tile + r * _padded, Inputs));
                new Span<float>(tile + r * _padded + Inputs, _padded - Inputs).Clear();
            }
            kernels.Dot(x.Values, x.Stride, tokens, tile, _padded, rows, _padded, y + row, yStride);
        }
    }
}
