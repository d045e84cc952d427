using CompressionHost.Kernels;

namespace CompressionHost.Inference;

/// <summary>What one thread needs for a tile of tokens.</summary>
internal sealed unsafe class WorkerMemory : IDisposable
{
    // A kernel may read a group of codes past the last row.
    private const int CodesPastTheEnd = 256;

    private readonly AlignedMemory _memory;

    /// <summary>The input of the next product. Its codes have the stride of <see cref="Begin"/>.</summary>
    public TokenRows Rows;

    public WorkerMemory(TowerShape shape, FloatKernels kernels, int tile, int longest, long scratch)
    {
        Rows.Stride = FloatKernels.Pad(Math.Max(shape.Width, shape.InputWidth));
        // Queries, keys and values come side by side.
        ProductStride = Math.Max(FloatKernels.Pad(shape.WidestOutput), 3 * FloatKernels.Pad(shape.Width));
        var values = AlignedMemory.Align(tile * Rows.Stride * sizeof(float));
        var codes = AlignedMemory.Align((long)tile * TokenRows.CodeBytes(shape.WidestInput) + CodesPastTheEnd);
        var scales = AlignedMemory.Align(tile * sizeof(float));
        var product = AlignedMemory.Align((long)tile * ProductStride * sizeof(float));
        var row = AlignedMemory.Align(FloatKernels.Pad(shape.Width) * sizeof(float));
        var attention = AlignedMemory.Align((long)kernels.AttentionScratch(longest) * sizeof(float));
        var heads = AlignedMemory.Align(KeyValueCache.ScratchCodes(shape) * sizeof(short));
        _memory = new AlignedMemory(values + codes + scales + product + row + attention + heads + scratch);
        Rows.Values = _memory.Floats;
        Rows.Codes = (sbyte*)(_memory.Start + values);
        Rows.Scales = (float*)(Rows.Codes + codes);
        Product = (float*)((byte*)Rows.Scales + scales);
        Row = (float*)((byte*)Product + product);
        Attention = (float*)((byte*)Row + row);
        HeadCodes = (short*)((byte*)Attention + attention);
        Scratch = (byte*)HeadCodes + heads;
    }

    /// <summary>The output of a product: a tile of rows, <see cref="ProductStride"/> apart.</summary>
    public float* Product { get; }

    public long ProductStride { get; }

    /// <summary>One hidden state.</summary>
    public float* Row { get; }

    /// <summary>Scratch memory of attention.</summary>
    public float* Attention { get; }

    /// <summary>Codes of two tokens' heads on their way to a cache.</summary>
    public short* HeadCodes { get; }

    /// <summary>Scratch memory of products.</summary>
    public byte* Scratch { get; }

    /// <summary>Sets the stride of the codes for rows of some columns.</summary>
    public void Begin(int columns) => Rows.CodeStride = TokenRows.CodeBytes(columns);

    public void Dispose() => _memory.Dispose();
}
