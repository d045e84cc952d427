using CompressionHost.Abstractions;
using CompressionHost.Inference;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Models;

/// <summary>A vision transformer from pixels to logits.</summary>
internal sealed class VitEncoder
{
    private readonly ModelCompute _compute;
    private readonly VitConfig _config;
    private readonly PatchEmbedding _patches;
    private readonly Parameter[] _firstTokens;
    private readonly Parameter _positions;
    private readonly PreNormBlock[] _blocks;
    private readonly FloatLayerNorm _norm;
    private readonly SiteLinear _classifier;
    private readonly SiteLinear? _distillationClassifier;

    public VitEncoder(ModelCompute compute, ModelWeights weights, VitConfig config)
    {
        (_compute, _config) = (compute, config);
        var prefix = VitLayout.Prefix(config.Head);
        _patches = new PatchEmbedding(compute, weights.Site($"{prefix}.embeddings.patch_embeddings.projection.weight"), config.PatchSize);
        _firstTokens = config.Head == VitHead.Class
            ? [weights[$"{prefix}.embeddings.cls_token"]]
            : [weights[$"{prefix}.embeddings.cls_token"], weights[$"{prefix}.embeddings.distillation_token"]];
        _positions = weights[$"{prefix}.embeddings.position_embeddings"];
        _blocks = [.. Enumerable.Range(0, config.Depth).Select(i => new PreNormBlock(compute, weights, $"{prefix}.encoder.layer.{i}", BlockNames.Vit, config.Heads))];
        _norm = weights.Norm(compute, $"{prefix}.layernorm");
        _classifier = weights.Linear(compute, VitLayout.Classifier(config.Head));
        _distillationClassifier = config.Head == VitHead.ClassAndDistillation ? weights.Linear(compute, VitLayout.DistillationClassifier) : null;
    }

    public torch.Tensor Forward(torch.Tensor pixels, ICollection<torch.Tensor>? hidden)
    {
        using var scope = torch.NewDisposeScope();
        var x = Embed(pixels);
        hidden?.Add(x);
        var readsOne = hidden is null && ReadsOne;
        for (var i = 0; i < _blocks.Length - (readsOne ? 1 : 0); i++)
        {
            var next = _blocks[i].Forward(x, causal: false);
            if (hidden is null)
                x.Dispose();
            else
                hidden.Add(next);
            x = next;
        }
        foreach (var state in hidden ?? [])
            state.MoveToOuterDisposeScope();
        if (ReadsOne)
            x = readsOne ? _blocks[^1].ForwardOne(x, null, causal: false) : PreNormBlock.Pick(x, null);
        return Logits(x).MoveToOuterDisposeScope();
    }

    /// <summary>The way from pixels to logits, step by step.</summary>
    /// <param name="pixels">What a batch of samples puts in.</param>
    public ForwardPath Path(Func<CalibrationBatch, torch.Tensor> pixels) => new("vision", batch => [pixels(batch)],
    [
        new("embedding", Embed, [new InputGroup([_patches.Site])]),
        .. _blocks.Select((block, i) => new ForwardStep(
            $"block {i}", i + 1 == _blocks.Length && ReadsOne ? x => block.ForwardOne(x, null, causal: false) : x => block.Forward(x, causal: false), block.Groups)),
        new("classifier", Logits, Heads()),
    ]);

    // Without a distillation head only the class token is read after the last block.
    private bool ReadsOne => _distillationClassifier is null;

    // Two heads read one normalization at different tokens, so it is not one head's to scale.
    private InputGroup[] Heads() => _distillationClassifier is null
        ? [new InputGroup([_classifier.Site], _norm.Parameters)]
        : [new InputGroup([_classifier.Site]), new InputGroup([_distillationClassifier.Site])];

    /// <param name="x">The class token after the last block, [batch, width]; every token, [batch, tokens, width], where there is a distillation head.</param>
    private torch.Tensor Logits(torch.Tensor x) => _distillationClassifier is null
        ? Classify(_classifier, x)
        : Classify(_classifier, x.select(1, 0)).add(Classify(_distillationClassifier, x.select(1, 1)), TorchScalars.One).mul(TorchScalars.Of(0.5));

    private torch.Tensor Classify(SiteLinear classifier, torch.Tensor token) =>
        classifier.Forward(_compute.Cast(_norm.Forward(token))).to(torch.ScalarType.Float32);

    private torch.Tensor Embed(torch.Tensor pixels)
    {
        using var scope = torch.NewDisposeScope();
        var tokens = _firstTokens.Select(t => t.expand(pixels.shape[0], 1, _config.Width)).Append(_patches.Forward(pixels));
        return torch.cat([.. tokens], 1).add(_positions, TorchScalars.One).MoveToOuterDisposeScope();
    }
}
