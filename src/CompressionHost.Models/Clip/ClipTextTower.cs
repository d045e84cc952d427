using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Tensors;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Models;

/// <summary>The text encoder, a causal transformer that is read at the end token.</summary>
internal sealed class ClipTextTower
{
    private readonly ModelCompute _compute;
    private readonly ClipTextConfig _config;
    private readonly WeightSite _tokens;
    private readonly Parameter _positions;
    private readonly PreNormBlock[] _blocks;
    private readonly FloatLayerNorm _finalNorm;
    private readonly SiteLinear _projection;

    public ClipTextTower(ModelCompute compute, ModelWeights weights, ClipTextConfig config)
    {
        (_compute, _config) = (compute, config);
        _tokens = weights.Site(ClipLayout.TokenEmbedding);
        _positions = weights[ClipLayout.TextPositions];
        _blocks = [.. Enumerable.Range(0, config.Depth).Select(i => new PreNormBlock(compute, weights, ClipLayout.TextBlock(i), BlockNames.Clip, config.Heads))];
        _finalNorm = weights.Norm(compute, ClipLayout.TextFinalNorm);
        _projection = new SiteLinear(compute, weights.Site(ClipLayout.TextProjection));
    }

    public torch.Tensor Forward(torch.Tensor tokens, ICollection<torch.Tensor>? hidden)
    {
        using var scope = torch.NewDisposeScope();
        var positions = EndPositions(tokens);
        // No token sees those after it, so what pads the texts of a batch beyond the longest one changes nothing.
        if (hidden is null)
            tokens = tokens.narrow(1, 0, positions.max().item<long>() + 1);
        var x = Embed(tokens);
        hidden?.Add(x);
        for (var i = 0; i < _blocks.Length - (hidden is null ? 1 : 0); i++)
        {
            var next = _blocks[i].Forward(x, causal: true);
            if (hidden is null)
                x.Dispose();
            else
                hidden.Add(next);
            x = next;
        }
        var pooled = hidden is null ? _blocks[^1].ForwardOne(x, positions, causal: true) : PreNormBlock.Pick(x, positions);
        foreach (var state in hidden ?? [])
            state.MoveToOuterDisposeScope();
        return Project(pooled).MoveToOuterDisposeScope();
    }

    /// <summary>The way from tokens to embeddings, step by step. Texts of one length go together, so that there is no padding.</summary>
    public ForwardPath Path(ClipTokenizer? tokenizer) => new("text", batch => Tokens(batch, tokenizer),
    [
        new("embedding", Embed, [new InputGroup([_tokens])]),
        .. _blocks.Select((block, i) => new ForwardStep(
            $"block {i}", i + 1 < _blocks.Length ? x => block.Forward(x, causal: true) : x => AtEnd(block, x), block.Groups)),
        new("projection", Project, [new InputGroup([_projection.Site], _finalNorm.Parameters)]),
    ]);

    private List<torch.Tensor> Tokens(CalibrationBatch batch, ClipTokenizer? tokenizer)
    {
        if (tokenizer is null)
            throw new InvalidInputException("the model has no vocabulary (vocab.json and merges.txt beside its weights), so its text encoder cannot be shown texts.");
        if (batch.Texts.Count == 0)
            throw new InvalidInputException("the samples have neither texts nor class names to show a text encoder.");
        return EqualLengths.Batches(batch.Texts, text => tokenizer.Encode(text, _config.ContextLength));
    }

    // Without padding the end token is the last one.
    private static torch.Tensor AtEnd(PreNormBlock block, torch.Tensor x) =>
        block.ForwardOne(x, torch.full([x.shape[0]], TorchScalars.Of(x.shape[1] - 1), dtype: torch.ScalarType.Int64), causal: true);

    private torch.Tensor Project(torch.Tensor pooled) => _projection.Forward(_compute.Cast(_finalNorm.Forward(pooled))).to(torch.ScalarType.Float32);

    private torch.Tensor Embed(torch.Tensor tokens)
    {
        using var scope = torch.NewDisposeScope();
        var embedded = _tokens.Current.index_select(0, tokens.reshape(-1)).view(tokens.shape[0], tokens.shape[1], _config.Width);
        return embedded.add(_positions.narrow(0, 0, tokens.shape[1]), TorchScalars.One).MoveToOuterDisposeScope();
    }

    /// <summary>Where each text is read, int64 [batch]: see <see cref="ClipTextConfig.EndToken"/>.</summary>
    private torch.Tensor EndPositions(torch.Tensor tokens) => _config.EndToken == ClipTextConfig.LegacyEndToken
        ? tokens.argmax(-1)
        : tokens.eq(TorchScalars.Of(_config.EndToken)).to(torch.ScalarType.Int32).argmax(-1);
}
