using CompressionHost.Abstractions;
using CompressionHost.Inference;
using TorchSharp;

namespace CompressionHost.Models;

/// <summary>A pre-normalized transformer block: x + attention(norm(x)), then x + mlp(norm(x)).</summary>
internal sealed class ClipBlock
{
    /// <summary>Of quick GELU: x * sigmoid(1.702 x) is silu(1.702 x) / 1.702, and both factors are taken by the products around it.</summary>
    private const double QuickGelu = 1.702;

    private readonly ClipCompute _compute;
    private readonly ClipAttention _attention;
    private readonly ClipLayerNorm _norm1;
    private readonly ClipLayerNorm _norm2;
    private readonly SiteLinear _fc1;
    private readonly SiteLinear _fc2;

    public ClipBlock(ClipCompute compute, ClipWeights weights, string name, int heads)
    {
        _compute = compute;
        _attention = new ClipAttention(compute, heads, Linear("self_attn.q_proj"), Linear("self_attn.k_proj"), Linear("self_attn.v_proj"), Linear("self_attn.out_proj"));
        _norm1 = weights.Norm(compute, $"{name}.layer_norm1");
        _norm2 = weights.Norm(compute, $"{name}.layer_norm2");
        _fc1 = Linear("mlp.fc1");
        _fc2 = Linear("mlp.fc2");

        SiteLinear Linear(string part) => weights.Linear(compute, $"{name}.{part}");
    }

    /// <summary>Every token.</summary>
    /// <param name="x">float32 [batch, tokens, width].</param>
    /// <param name="causal">Whether a token sees only itself and those before it.</param>
    /// <returns>float32 [batch, tokens, width].</returns>
    public torch.Tensor Forward(torch.Tensor x, bool causal)
    {
        using var scope = torch.NewDisposeScope();
        var attended = x.add(_attention.Forward(_compute.Cast(_norm1.Forward(x)), causal).view(x.shape), TorchScalars.One);
        return Mlp(attended).MoveToOuterDisposeScope();
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
        var normalized = _compute.Cast(_norm1.Forward(x));
        var mask = causal && positions is not null ? MaskAfter(positions, x.shape[1]) : null;
        var attended = _attention.ForwardOne(normalized, Pick(normalized, positions).unsqueeze(1), mask);
        return Mlp(Pick(x, positions).add(attended, TorchScalars.One)).MoveToOuterDisposeScope();
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

    private torch.Tensor Mlp(torch.Tensor x)
    {
        var rows = _compute.Cast(_norm2.Forward(x)).view(-1, x.shape[^1]);
        var inner = _compute.Activation == ClipActivation.QuickGelu
            ? _fc2.Forward(torch.nn.functional.silu(_fc1.Forward(rows, QuickGelu, QuickGelu)), 1, 1 / QuickGelu)
            : _fc2.Forward(torch.nn.functional.gelu(_fc1.Forward(rows)));
        return x.add(inner.view(x.shape), TorchScalars.One);
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
        return torch.zeros(after.shape, dtype: _compute.Type).masked_fill_(after, TorchScalars.Of(double.NegativeInfinity)).view(-1, 1, 1, tokens);
    }
}
