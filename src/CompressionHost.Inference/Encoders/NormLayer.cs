using CompressionHost.Kernels;

namespace CompressionHost.Inference;

/// <summary>A layer normalization. Gain and bias are padded with zeros.</summary>
internal sealed unsafe class NormLayer(FloatKernels kernels, float* gain, float* bias, int width, float epsilon)
{
    /// <returns>Largest magnitude of y.</returns>
    public float Apply(float* x, float* y) => kernels.LayerNorm(x, gain, bias, width, epsilon, y);
}
