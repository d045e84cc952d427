using CompressionHost.Kernels;

namespace CompressionHost.Inference;

/// <summary>A layer whose weights are packed integers and whose activations are int8.</summary>
internal sealed unsafe class PackedLayer(MatrixProduct product, float* bias) : LinearLayer(product.Weights.Rows, product.Weights.Columns, bias)
{
    public override bool TakesCodes => true;

    public override string Kernel => product.Kernel;

    public ProductKernel Implementation => product.Implementation;

    public PackedWeights Weights => product.Weights;

    public override long ScratchBytes(int tokens) => product.Implementation.ScratchBytes(product.Weights, tokens);

    public override void Dispose() => product.Dispose();

    protected override void Product(in TokenRows x, int tokens, float* y, long yStride, byte* scratch) =>
        product.Implementation.Multiply(product.Weights, x.Codes, x.CodeStride, tokens, 0, Outputs, y, yStride, scratch);
}
