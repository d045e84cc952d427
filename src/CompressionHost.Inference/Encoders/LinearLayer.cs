using CompressionHost.Kernels;

namespace CompressionHost.Inference;

/// <summary>A weight of shape [outputs, inputs] and its bias.</summary>
internal abstract unsafe class LinearLayer(int outputs, int inputs, float* bias) : IDisposable
{
    public int Outputs { get; } = outputs;

    public int Inputs { get; } = inputs;

    /// <summary>Padded with zeros; all zeros where the layer has none.</summary>
    public float* Bias { get; } = bias;

    /// <summary>Whether it reads <see cref="TokenRows.Codes"/> rather than <see cref="TokenRows.Values"/>.</summary>
    public abstract bool TakesCodes { get; }

    public abstract string Kernel { get; }

    /// <summary>Bytes of scratch memory that <see cref="Multiply"/> needs.</summary>
    public abstract long ScratchBytes(int tokens);

    /// <summary>The product of each token without its scale and without the bias; what pads a row of y becomes zero.</summary>
    public void Multiply(in TokenRows x, int tokens, float* y, long yStride, byte* scratch)
    {
        Product(x, tokens, y, yStride, scratch);
        ClearPadding(tokens, y, yStride);
    }

    /// <summary>Makes what pads the rows of an output zero.</summary>
    public void ClearPadding(int tokens, float* y, long yStride)
    {
        var padding = FloatKernels.Pad(Outputs) - Outputs;
        for (var t = 0; padding > 0 && t < tokens; t++)
            new Span<float>(y + t * yStride + Outputs, padding).Clear();
    }

    /// <summary>What the product of a token is multiplied by.</summary>
    public float Scale(in TokenRows x, int token) => TakesCodes ? x.Scales[token] : 1;

    public virtual void Dispose()
    {
    }

    protected abstract void Product(in TokenRows x, int tokens, float* y, long yStride, byte* scratch);
}
