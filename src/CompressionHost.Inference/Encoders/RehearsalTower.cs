using System.Diagnostics.CodeAnalysis;
using CompressionHost.Kernels;

namespace CompressionHost.Inference;

/// <summary>
/// A transformer of two blocks that belongs to no model and is small enough to cost nothing. Running it takes the same ways through the kernels as a model does: several
/// groups of columns, whole tiles, the last token alone. Its one weight, whose scales are 0, stands for all; its embeddings mean nothing.
/// </summary>
internal sealed unsafe class RehearsalTower : Tower
{
    /// <summary>Tokens of its longest sequence.</summary>
    public const int Longest = 22;

    /// <summary>Size of its hidden states and embeddings.</summary>
    public const int Width = 256;

    private const int HeadSize = 64;
    private const int Group = 128;

    // Of the layout that takes the most.
    private const int CodeBytes = Width * Width;

    /// <param name="path">The instruction set.</param>
    /// <param name="layout">How the weight's codes lie: one of <see cref="CodeLayouts"/>.</param>
    /// <param name="activation">Of the MLPs.</param>
    [SetsRequiredMembers]
    public RehearsalTower(KernelPath path, string layout, ClipActivation activation)
        : this(FloatKernels.For(path), path, layout, activation, new AlignedMemory(CodeBytes + Width * sizeof(float)))
    {
    }

    [SetsRequiredMembers]
    private RehearsalTower(FloatKernels kernels, KernelPath path, string layout, ClipActivation activation, AlignedMemory memory)
        : base(kernels, memory, new TowerShape(Width, Width / HeadSize, Width, Longest, Width, Width, Causal: false, activation))
    {
        // Bits that are codes in every layout.
        new Span<byte>(memory.Start, CodeBytes).Fill(0x55);
        var zeros = (float*)(memory.Start + CodeBytes);
        var norm = new NormLayer(kernels, zeros, zeros, Width, 1e-5f);
        var weights = CodeLayouts.Map(layout, memory.Start, new Half[Width * Width / Group], [], Width, Width, Group)
            ?? throw new ArgumentException($"No kernel multiplies with codes laid out as {layout}.", nameof(layout));
        Projection = new PackedLayer(new MatrixProduct(weights, path), zeros);
        var block = new BlockWeights(norm, Projection, Projection, Projection, Projection, norm, Projection, Projection);
        (Blocks, FinalNorm) = ([block, block], norm);
    }

    public override int InputStride => 0;

    public override void Embed(SequenceBatch batch, void* inputs, int first, int tokens, WorkerMemory memory, float* x) =>
        new Span<float>(x, tokens * Width).Fill(1);

    public override void Dispose()
    {
        Projection.Dispose();
        base.Dispose();
    }
}
