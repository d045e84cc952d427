using CompressionHost.Kernels;

namespace CompressionHost.Inference;

/// <summary>The weights of one encoder, and how its tokens come about.</summary>
/// <param name="kernels">The kernels that compute it.</param>
/// <param name="memory">Where its weights are; disposed with this object.</param>
/// <param name="shape">Sizes.</param>
internal abstract unsafe class Tower(FloatKernels kernels, IDisposable memory, TowerShape shape) : IDisposable
{
    public TowerShape Shape { get; } = shape;

    public FloatKernels Kernels { get; } = kernels;

    public required BlockWeights[] Blocks { get; init; }

    public required NormLayer FinalNorm { get; init; }

    public required LinearLayer Projection { get; init; }

    /// <summary>Every layer, for the scratch memory they need.</summary>
    public virtual IEnumerable<LinearLayer> Layers => Blocks.SelectMany(b => b.Layers).Append(Projection);

    /// <summary>Hidden states of some tokens before the first block.</summary>
    /// <param name="batch">The sequences.</param>
    /// <param name="inputs">Of the batch: pixels or token ids of each sequence, <see cref="InputStride"/> apart.</param>
    /// <param name="first">First token.</param>
    /// <param name="tokens">How many; at most a tile.</param>
    /// <param name="memory">The worker's.</param>
    /// <param name="x">Receives the first token's state; rows are the width, padded.</param>
    public abstract void Embed(SequenceBatch batch, void* inputs, int first, int tokens, WorkerMemory memory, float* x);

    /// <summary>Values between the inputs of two sequences.</summary>
    public abstract int InputStride { get; }

    public virtual void Dispose() => memory.Dispose();

    protected static BlockWeights[] ReadBlocks(PackageTensors tensors, Func<int, string> name, int depth, int width, double epsilon)
    {
        var blocks = new BlockWeights[depth];
        for (var i = 0; i < depth; i++)
        {
            var block = name(i);
            blocks[i] = new BlockWeights(
                tensors.Norm($"{block}.layer_norm1", width, epsilon),
                tensors.Linear($"{block}.self_attn.q_proj"), tensors.Linear($"{block}.self_attn.k_proj"), tensors.Linear($"{block}.self_attn.v_proj"),
                tensors.Linear($"{block}.self_attn.out_proj"), tensors.Norm($"{block}.layer_norm2", width, epsilon),
                tensors.Linear($"{block}.mlp.fc1"), tensors.Linear($"{block}.mlp.fc2"));
        }
        return blocks;
    }
}
