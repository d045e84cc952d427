using CompressionHost.Abstractions;
using CompressionHost.Inference;

namespace CompressionHost.Models;

/// <summary>The tensors of a CLIP model as the engine knows them.</summary>
internal static class ClipHeaders
{
    /// <summary>Every tensor, in checkpoint order.</summary>
    public static IReadOnlyList<TensorHeader> Of(ClipConfig config) => [.. ClipLayout.Tensors(config).Select(t => new TensorHeader(t.Name, t.Shape, t.Role switch
    {
        ClipTensorRole.Linear => WeightKind.Linear,
        ClipTensorRole.Convolution => WeightKind.Convolution,
        ClipTensorRole.Embedding => WeightKind.Embedding,
        _ => null,
    }))];
}
