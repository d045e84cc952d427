using System.Diagnostics.CodeAnalysis;
using CompressionHost.Kernels;

namespace CompressionHost.Inference;

/// <summary>The text encoder, a causal transformer that is read at the end token, which is the last token that it is given.</summary>
internal sealed unsafe class TextTower : Tower
{
    private readonly int _width;
    private readonly int _stride;
    private readonly WeightRows _tokens;
    private readonly float* _positions;

    [SetsRequiredMembers]
    public TextTower(PackageTensors tensors, ClipConfig config)
        : base(tensors.Kernels, tensors, ShapeOf(config))
    {
        var text = config.Text;
        (_width, _stride, InputStride) = (text.Width, FloatKernels.Pad(text.Width), text.ContextLength);
        _tokens = tensors.Rows(ClipLayout.TokenEmbedding);
        _positions = tensors.Matrix(ClipLayout.TextPositions);
        Blocks = ReadBlocks(tensors, ClipLayout.TextBlock, text.Depth, text.Width, config.LayerNormEpsilon);
        FinalNorm = tensors.Norm(ClipLayout.TextFinalNorm, text.Width, config.LayerNormEpsilon);
        Projection = tensors.LinearWithoutBias(ClipLayout.TextProjection);
    }

    public override int InputStride { get; }

    public override void Embed(SequenceBatch batch, void* inputs, int first, int tokens, WorkerMemory memory, float* x)
    {
        var ids = (int*)inputs;
        for (var t = 0; t < tokens; t++)
        {
            var text = batch.Of(first + t);
            var position = first + t - batch.First(text);
            var state = x + (long)t * _stride;
            _tokens.Read(ids[(long)text * InputStride + position], new Span<float>(state, _width));
            new Span<float>(state + _width, _stride - _width).Clear();
            Kernels.ScaleProduct(state, 1, _positions + (long)position * _stride, _stride, state);
        }
    }

    private static TowerShape ShapeOf(ClipConfig config)
    {
        var text = config.Text;
        return new TowerShape(text.Width, text.Heads, text.MlpWidth, text.ContextLength, config.EmbeddingSize, text.Width, Causal: true, config.Activation);
    }
}
