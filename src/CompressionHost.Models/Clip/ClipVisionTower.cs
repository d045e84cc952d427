using CompressionHost.Abstractions;
using CompressionHost.Inference;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Models;

/// <summary>The image encoder, a vision transformer that is read at its class token.</summary>
internal sealed class ClipVisionTower
{
    private readonly ModelCompute _compute;
    private readonly ClipVisionConfig _config;
    private readonly PatchEmbedding _patches;
    private readonly Parameter _class;
    private readonly Parameter _positions;
    private readonly FloatLayerNorm _preNorm;
    private readonly PreNormBlock[] _blocks;
    private readonly FloatLayerNorm _postNorm;
    private readonly SiteLinear _projection;

    public ClipVisionTower(ModelCompute compute, ModelWeights weights, ClipVisionConfig config)
    {
        (_compute, _config) = (compute, config);
        _patches = new PatchEmbedding(compute, weights.Site(ClipLayout.PatchEmbedding), config.PatchSize);
        _class = weights[ClipLayout.ClassEmbedding];
        _positions = weights[ClipLayout.VisionPositions];
        _preNorm = weights.Norm(compute, ClipLayout.VisionPreNorm);
        _blocks = [.. Enumerable.Range(0, config.Depth).Select(i => new PreNormBlock(compute, weights, ClipLayout.VisionBlock(i), BlockNames.Clip, config.Heads))];
        _postNorm = weights.Norm(compute, ClipLayout.VisionPostNorm);
        _projection = new SiteLinear(compute, weights.Site(ClipLayout.VisualProjection));
    }

    public torch.Tensor Forward(torch.Tensor pixels, ICollection<torch.Tensor>? hidden)
    {
        using var scope = torch.NewDisposeScope();
        var x = Embed(pixels);
        hidden?.Add(x);
        for (var i = 0; i < _blocks.Length - (hidden is null ? 1 : 0); i++)
        {
            var next = _blocks[i].Forward(x, causal: false);
            if (hidden is null)
                x.Dispose();
            else
                hidden.Add(next);
            x = next;
        }
        var pooled = hidden is null ? _blocks[^1].ForwardOne(x, null, causal: false) : PreNormBlock.Pick(x, null);
        foreach (var state in hidden ?? [])
            state.MoveToOuterDisposeScope();
        return Project(pooled).MoveToOuterDisposeScope();
    }

    /// <summary>The way from pixels to embeddings, step by step.</summary>
    public ForwardPath Path(ClipImageProcessor processor) => new("vision", batch => [Pixels(batch, processor)],
    [
        new("embedding", Embed, [new InputGroup([_patches.Site])]),
        .. _blocks.Select((block, i) => new ForwardStep(
            $"block {i}", i + 1 < _blocks.Length ? x => block.Forward(x, causal: false) : x => block.ForwardOne(x, null, causal: false), block.Groups)),
        new("projection", Project, [new InputGroup([_projection.Site], _postNorm.Parameters)]),
    ]);

    private static torch.Tensor Pixels(CalibrationBatch batch, ClipImageProcessor processor)
    {
        var length = 3 * processor.Size * processor.Size;
        var pixels = new float[batch.Samples.Count * length];
        for (var i = 0; i < batch.Samples.Count; i++)
            processor.Process(batch.Samples[i].Image, pixels.AsSpan(i * length, length));
        return torch.tensor(pixels, [batch.Samples.Count, 3, processor.Size, processor.Size]);
    }

    private torch.Tensor Project(torch.Tensor pooled) => _projection.Forward(_compute.Cast(_postNorm.Forward(pooled))).to(torch.ScalarType.Float32);

    private torch.Tensor Embed(torch.Tensor pixels)
    {
        using var scope = torch.NewDisposeScope();
        var tokens = _patches.Forward(pixels);
        var first = _class.expand(pixels.shape[0], 1, _config.Width);
        return _preNorm.Forward(torch.cat([first, tokens], 1).add(_positions, TorchScalars.One)).MoveToOuterDisposeScope();
    }
}
