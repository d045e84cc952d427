using CompressionHost.Abstractions;
using TorchSharp;

namespace CompressionHost.Models;

/// <summary>A post-normalized transformer block (Vaswani et al., arXiv 1706.03762): a = norm(x + attention(x)), then norm(a + mlp(a)).</summary>
internal sealed class PostNormBlock(ModelCompute compute, ModelWeights weights, string name, BlockNames names, int heads)
{
    private readonly SelfAttention _attention = SelfAttention.Of(compute, weights, name, names, heads);
    private readonly FloatLayerNorm _attentionNorm = weights.Norm(compute, $"{name}.{names.AttentionNorm}");
    private readonly FloatLayerNorm _mlpNorm = weights.Norm(compute, $"{name}.{names.MlpNorm}");
    private readonly Mlp _mlp = Mlp.Of(compute, weights, name, names);

    /// <summary>Its weights in the order of computation, by what they multiply. What a normalization gives is also added to a layer's output, so none is theirs alone.</summary>
    public IReadOnlyList<InputGroup> Groups =>
    [
        new(_attention.InputSites),
        new([_attention.OutputSite]),
        new([_mlp.UpSite]),
        new([_mlp.DownSite]),
    ];

    /// <param name="x">float32 [batch, tokens, width].</param>
    /// <param name="mask">[batch, 1, 1, tokens] in the compute type, added to the scores; null for none.</param>
    /// <returns>float32 [batch, tokens, width].</returns>
    public torch.Tensor Forward(torch.Tensor x, torch.Tensor? mask)
    {
        using var scope = torch.NewDisposeScope();
        var attended = _attentionNorm.Forward(x.add(_attention.ForwardMasked(compute.Cast(x), mask).view(x.shape), TorchScalars.One));
        var inner = _mlp.Forward(compute.Cast(attended).view(-1, x.shape[^1])).view(x.shape);
        return _mlpNorm.Forward(attended.add(inner, TorchScalars.One)).MoveToOuterDisposeScope();
    }
}
