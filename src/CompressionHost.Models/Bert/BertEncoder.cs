using CompressionHost.Abstractions;
using CompressionHost.Inference;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Models;

/// <summary>A BERT encoder from tokens to hidden states.</summary>
internal sealed class BertEncoder
{
    private readonly ModelCompute _compute;
    private readonly BertConfig _config;
    private readonly WeightSite _words;
    private readonly Parameter _positions;
    private readonly Parameter _types;
    private readonly FloatLayerNorm _norm;
    private readonly PostNormBlock[] _blocks;
    private readonly SiteLinear? _pooler;

    public BertEncoder(ModelCompute compute, ModelWeights weights, BertConfig config)
    {
        (_compute, _config) = (compute, config);
        _words = weights.Site(BertLayout.WordEmbeddings);
        _positions = weights[BertLayout.PositionEmbeddings];
        _types = weights[BertLayout.TokenTypeEmbeddings];
        _norm = weights.Norm(compute, BertLayout.EmbeddingNorm);
        _blocks = [.. Enumerable.Range(0, config.Depth).Select(i => new PostNormBlock(compute, weights, BertLayout.Block(i), BlockNames.Bert, config.Heads))];
        _pooler = config.HasPooler ? weights.Linear(compute, BertLayout.Pooler) : null;
    }

    /// <returns>float32 [batch, tokens, width].</returns>
    public torch.Tensor Forward(torch.Tensor ids, torch.Tensor? mask, torch.Tensor? types, ICollection<torch.Tensor>? hidden)
    {
        using var scope = torch.NewDisposeScope();
        var additive = mask is null ? null : Additive(mask);
        var x = Embed(ids, types);
        hidden?.Add(x);
        foreach (var block in _blocks)
        {
            var next = block.Forward(x, additive);
            if (hidden is null)
                x.Dispose();
            else
                hidden.Add(next);
            x = next;
        }
        foreach (var state in hidden ?? [])
            state.MoveToOuterDisposeScope();
        return hidden is null ? x.MoveToOuterDisposeScope() : x;
    }

    /// <summary>The way from tokens to hidden states, and on to the pooler's output where there is one, step by step.</summary>
    /// <param name="tokens">What a batch of samples puts in, without padding.</param>
    public ForwardPath Path(Func<CalibrationBatch, IEnumerable<torch.Tensor>> tokens) => new("text", tokens,
    [
        new("embedding", ids => Embed(ids, null), [new InputGroup([_words])]),
        .. _blocks.Select((block, i) => new ForwardStep($"block {i}", x => block.Forward(x, null), block.Groups)),
        .. _pooler is null ? (ForwardStep[])[] : [new ForwardStep("pooler", Pool, [new InputGroup([_pooler.Site])])],
    ]);

    /// <summary>tanh of a layer on the first token: float32 [batch, width].</summary>
    public torch.Tensor Pool(torch.Tensor states)
    {
        using var scope = torch.NewDisposeScope();
        var pooled = _pooler!.Forward(_compute.Cast(states.select(1, 0))).to(torch.ScalarType.Float32);
        return pooled.tanh().MoveToOuterDisposeScope();
    }

    private torch.Tensor Embed(torch.Tensor ids, torch.Tensor? types)
    {
        using var scope = torch.NewDisposeScope();
        var shape = ids.shape;
        var words = _words.Current.index_select(0, ids.reshape(-1)).view(shape[0], shape[1], _config.Width);
        var segments = types is null ? _types.select(0, 0) : _types.index_select(0, types.reshape(-1)).view(shape[0], shape[1], _config.Width);
        var sum = words.add(segments, TorchScalars.One).add(_positions.narrow(0, 0, shape[1]), TorchScalars.One);
        return _norm.Forward(sum).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// 0 where a token is looked at and the least number of the type elsewhere. Not minus infinity: a text without any token would then be NaN,
    /// and its gradient would spread over the batch.
    /// </summary>
    private torch.Tensor Additive(torch.Tensor mask)
    {
        var least = _compute.Type == torch.ScalarType.Float32 ? float.MinValue : BitConverter.UInt32BitsToSingle(0xff7f_0000);
        return torch.zeros(mask.shape, dtype: _compute.Type).masked_fill_(mask.eq(TorchScalars.Of(0)), TorchScalars.Of(least)).view(mask.shape[0], 1, 1, mask.shape[1]);
    }
}
