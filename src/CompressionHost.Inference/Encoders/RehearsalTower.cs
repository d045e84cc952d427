using System.Diagnostics.CodeAnalysis;
using CompressionHost.Kernels;

namespace CompressionHost.Inference;

/// <summary>
/// A transformer of two blocks that belongs to no model and is small enough to cost nothing. Running it takes the same ways through the kernels as a model does: several
/// groups of columns, whole tiles, the last token alone. Its one weight, of zeros, stands for all; its embeddings mean nothing.
/// </summary>
internal sealed unsafe class RehearsalTower : Tower
{
    /// <summary>Tokens of its longest sequence.</summary>
    public const int Longest = 22;

    /// <summary>Size of its hidden states and embeddings.</summary>
    public const int Width = 256;

    private const int HeadSize = 64;
    private const int Group = 128;

    /// <param name="path">The instruction set.</param>
    /// <param name="layout">How the weight's codes lie: one of <see cref="CodeLayouts"/>.</param>
    /// <param name="activation">Of the MLPs.</param>
    [SetsRequiredMembers]
    public RehearsalTower(KernelPath path, string layout, ClipActivation activation)
        : this(FloatKernels.For(path), new AlignedMemory(Width * sizeof(float)), Weights(layout), path, activation)
    {
    }

    [SetsRequiredMembers]
    private RehearsalTower(FloatKernels kernels, AlignedMemory zeros, PackedWeights weights, KernelPath path, ClipActivation activation)
        : base(kernels, zeros, new TowerShape(Width, Width / HeadSize, Width, Longest, Width, Width, Causal: false, activation))
    {
        var norm = new NormLayer(kernels, zeros.Floats, zeros.Floats, Width, 1e-5f);
        Projection = new PackedLayer(new MatrixProduct(weights, path), zeros.Floats);
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

    private static PackedWeights Weights(string layout)
    {
        var codes = new sbyte[Width * Width];
        var scales = new Half[Width * Width / Group];
        if (layout == CodeLayouts.Packed1)
            Array.Fill(codes, (sbyte)1);
        return layout switch
        {
            CodeLayouts.Packed1 => BinaryWeights.Create(codes, scales, Width, Width, Group),
            CodeLayouts.Packed2 => TernaryWeights.Create(codes, scales, Width, Width, Group),
            CodeLayouts.Packed4 => Int4Weights.Create(codes, scales, Width, Width, Group),
            _ => Int8Weights.Create(codes, scales, Width, Width, Group),
        };
    }
}
