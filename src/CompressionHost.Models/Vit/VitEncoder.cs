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
        // Without a distillation head only the class token is read after the last block.
        var readsOne = hidden is null && _distillationClassifier is null;
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
        var first = readsOne ? _blocks[^1].ForwardOne(x, null, causal: false) : PreNormBlock.Pick(x, null);
        var logits = Classify(_classifier, first);
        if (_distillationClassifier is not null)
            logits = logits.add(Classify(_distillationClassifier, x.select(1, 1)), TorchScalars.One).mul(TorchScalars.Of(0.5));
        return logits.MoveToOuterDisposeScope();
    }

    private torch.Tensor Classify(SiteLinear classifier, torch.Tensor token) =>
        classifier.Forward(_compute.Cast(_norm.Forward(token))).to(torch.ScalarType.Float32);

    private torch.Tensor Embed(torch.Tensor pixels)
    {
        using var scope = torch.NewDisposeScope();
        var tokens = _firstTokens.Select(t => t.expand(pixels.shape[0], 1, _config.Width)).Append(_patches.Forward(pixels));
        return torch.cat([.. tokens], 1).add(_positions, TorchScalars.One).MoveToOuterDisposeScope();
    }
}
