using CompressionHost.Abstractions;
using TorchSharp;

namespace CompressionHost.Models;

/// <summary>A pre-normalized transformer block: x + attention(norm(x)), then x + mlp(norm(x)).</summary>
internal sealed class PreNormBlock(ModelCompute compute, ModelWeights weights, string name, BlockNames names, int heads)
{
    private readonly SelfAttention _attention = SelfAttention.Of(compute, weights, name, names, heads);
    private readonly FloatLayerNorm _attentionNorm = weights.Norm(compute, $"{name}.{names.AttentionNorm}");
    private readonly FloatLayerNorm _mlpNorm = weights.Norm(compute, $"{name}.{names.MlpNorm}");
    private readonly Mlp _mlp = Mlp.Of(compute, weights, name, names);

    /// <summary>Its weights in the order of computation, by what they multiply.</summary>
    public IReadOnlyList<InputGroup> Groups =>
    [
        new(_attention.InputSites, _attentionNorm.Parameters),
        new([_attention.OutputSite]),
        new([_mlp.UpSite], _mlpNorm.Parameters),
        new([_mlp.DownSite]),
    ];

    /// <summary>Every token.</summary>
    /// <param name="x">float32 [batch, tokens, width].</param>
    /// <param name="causal">Whether a token sees only itself and those before it.</param>
    /// <returns>float32 [batch, tokens, width].</returns>
    public torch.Tensor Forward(torch.Tensor x, bool causal)
    {
        using var scope = torch.NewDisposeScope();
        var attended = x.add(_attention.Forward(compute.Cast(_attentionNorm.Forward(x)), causal).view(x.shape), TorchScalars.One);
        return AddMlp(attended).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// One token of each sequence. After the last block only that token is read, so there the other tokens need no queries and no MLP.
    /// </summary>
    /// <param name="x">float32 [batch, tokens, width].</param>
    /// <param name="positions">int64 [batch], the token of each; null for the first.</param>
    /// <param name="causal">Whether the token sees only itself and those before it.</param>
    /// <returns>float32 [batch, width].</returns>
    public torch.Tensor ForwardOne(torch.Tensor x, torch.Tensor? positions, bool causal)
    {
        using var scope = torch.NewDisposeScope();
        var normalized = compute.Cast(_attentionNorm.Forward(x));
        var mask = causal && positions is not null ? MaskAfter(positions, x.shape[1]) : null;
        var attended = _attention.ForwardOne(normalized, Pick(normalized, positions).unsqueeze(1), mask);
        return AddMlp(Pick(x, positions).add(attended, TorchScalars.One)).MoveToOuterDisposeScope();
    }

    /// <summary>One token of each sequence: [batch, tokens, width] to [batch, width].</summary>
    public static torch.Tensor Pick(torch.Tensor x, torch.Tensor? positions)
    {
        if (positions is null)
            return x.select(1, 0);
        using var starts = Multiples(x.shape[0], x.shape[1]);
        using var rows = starts.add(positions, TorchScalars.One);
        return x.reshape(-1, x.shape[2]).index_select(0, rows);
    }

    private torch.Tensor AddMlp(torch.Tensor x)
    {
        var rows = compute.Cast(_mlpNorm.Forward(x)).view(-1, x.shape[^1]);
        return x.add(_mlp.Forward(rows).view(x.shape), TorchScalars.One);
    }

    /// <summary>0, step, 2 step, ...: int64 [count].</summary>
    private static torch.Tensor Multiples(long count, long step)
    {
        var values = new long[count];
        for (var i = 0; i < values.Length; i++)
            values[i] = i * step;
        return torch.tensor(values);
    }

    private torch.Tensor MaskAfter(torch.Tensor positions, long tokens)
    {
        var after = Multiples(tokens, 1).unsqueeze(0).gt(positions.unsqueeze(1));
        return torch.zeros(after.shape, dtype: compute.Type).masked_fill_(after, TorchScalars.Of(double.NegativeInfinity)).view(-1, 1, 1, tokens);
    }
}
