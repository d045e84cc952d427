using System.Diagnostics.CodeAnalysis;
using CompressionHost.Kernels;

namespace CompressionHost.Inference;

/// <summary>The image encoder, a vision transformer that is read at its class token.</summary>
internal sealed unsafe class ImageTower : Tower
{
    private readonly int _size;
    private readonly int _patch;
    private readonly int _stride;
    private readonly LinearLayer _patches;
    private readonly float* _class;
    private readonly float* _positions;
    private readonly NormLayer _preNorm;

    [SetsRequiredMembers]
    public ImageTower(PackageTensors tensors, ClipConfig config)
        : base(tensors.Kernels, tensors, ShapeOf(config))
    {
        var vision = config.Vision;
        (_size, _patch, _stride) = (vision.ImageSize, vision.PatchSize, FloatKernels.Pad(vision.Width));
        _class = tensors.Vector(ClipLayout.ClassEmbedding);
        _patches = tensors.LinearWithoutBias(ClipLayout.PatchEmbedding);
        _positions = tensors.Matrix(ClipLayout.VisionPositions);
        _preNorm = tensors.Norm(ClipLayout.VisionPreNorm, vision.Width, config.LayerNormEpsilon);
        Blocks = ReadBlocks(tensors, ClipLayout.VisionBlock, vision.Depth, vision.Width, config.LayerNormEpsilon);
        FinalNorm = tensors.Norm(ClipLayout.VisionPostNorm, vision.Width, config.LayerNormEpsilon);
        Projection = tensors.LinearWithoutBias(ClipLayout.VisualProjection);
    }

    public override IEnumerable<LinearLayer> Layers => base.Layers.Append(_patches);

    public override int InputStride => 3 * _size * _size;

    public override void Embed(SequenceBatch batch, void* inputs, int first, int tokens, WorkerMemory memory, float* x)
    {
        var pixels = (float*)inputs;
        var patches = 0;
        for (var t = first; t < first + tokens; t++)
        {
            var image = batch.Of(t);
            if (t > batch.First(image))
                ReadPatch(pixels + (long)image * InputStride, t - batch.First(image) - 1, memory, patches++);
        }
        if (patches > 0)
            _patches.Multiply(memory.Rows, patches, memory.Product, memory.ProductStride, memory.Scratch);
        var patch = 0;
        for (var t = 0; t < tokens; t++)
        {
            var position = first + t - batch.First(batch.Of(first + t));
            var state = x + (long)t * _stride;
            var offset = _positions + (long)position * _stride;
            if (position == 0)
                Kernels.ScaleProduct(_class, 1, offset, _stride, state);
            else
                Kernels.ScaleProduct(memory.Product + patch * memory.ProductStride, _patches.Scale(memory.Rows, patch++), offset, _stride, state);
            _preNorm.Apply(state, state);
        }
    }

    // The order of a convolution's weight: channel, line, column.
    private void ReadPatch(float* image, int index, WorkerMemory memory, int row)
    {
        var side = _size / _patch;
        var corner = image + (long)(index / side) * _patch * _size + index % side * _patch;
        var count = 3 * _patch * _patch;
        var values = memory.Rows.Values + (_patches.TakesCodes ? 0 : row * memory.Rows.Stride);
        var target = values;
        for (var channel = 0; channel < 3; channel++)
        {
            for (var line = 0; line < _patch; line++, target += _patch)
                new ReadOnlySpan<float>(corner + ((long)channel * _size + line) * _size, _patch).CopyTo(new Span<float>(target, _patch));
        }
        var padded = FloatKernels.Pad(count);
        new Span<float>(values + count, padded - count).Clear();
        if (_patches.TakesCodes)
            memory.Rows.Quantize(Kernels, row, values, count, Kernels.LargestMagnitude(values, padded));
    }

    private static TowerShape ShapeOf(ClipConfig config)
    {
        var vision = config.Vision;
        return new TowerShape(
            vision.Width, vision.Heads, vision.MlpWidth, vision.Tokens, config.EmbeddingSize, 3 * vision.PatchSize * vision.PatchSize, Causal: false, config.Activation);
    }
}
