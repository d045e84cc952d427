using CompressionHost.Kernels;

namespace CompressionHost.Inference;

/// <summary>Layers of the same input and output sizes that read the same activations. A kernel prepares those once for all of them.</summary>
internal sealed unsafe class LayerSet
{
    private readonly LinearLayer[] _layers;
    private readonly PackedWeights[]? _weights;
    private readonly ProductKernel? _kernel;

    public LayerSet(params LinearLayer[] layers)
    {
        _layers = layers;
        var packed = layers.OfType<PackedLayer>().ToArray();
        if (packed.Length < layers.Length || packed.Any(l => l.Implementation != packed[0].Implementation))
            return;
        _kernel = packed[0].Implementation;
        _weights = [.. packed.Select(l => l.Weights)];
    }

    public ReadOnlySpan<LinearLayer> Layers => _layers;

    /// <summary>Whether any of them reads <see cref="TokenRows.Codes"/>.</summary>
    public bool TakesCodes => Array.Exists(_layers, l => l.TakesCodes);

    /// <summary>Whether any of them reads <see cref="TokenRows.Values"/>.</summary>
    public bool TakesValues => Array.Exists(_layers, l => !l.TakesCodes);

    /// <summary>Bytes of scratch memory that <see cref="Multiply"/> needs.</summary>
    public long ScratchBytes(int tokens) => _kernel?.ScratchBytes(_weights, tokens) ?? _layers.Max(l => l.ScratchBytes(tokens));

    /// <summary>The product of each layer, as <see cref="LinearLayer.Multiply"/> gives it.</summary>
    /// <param name="x">The activations.</param>
    /// <param name="tokens">How many.</param>
    /// <param name="y">Output of the first layer and the first token.</param>
    /// <param name="yBetweenLayers">Floats from one layer's output to the next.</param>
    /// <param name="yStride">Floats between tokens.</param>
    /// <param name="scratch"><see cref="ScratchBytes"/>.</param>
    public void Multiply(in TokenRows x, int tokens, float* y, int yBetweenLayers, long yStride, byte* scratch)
    {
        if (_kernel is null)
        {
            for (var i = 0; i < _layers.Length; i++)
                _layers[i].Multiply(x, tokens, y + (i * yBetweenLayers), yStride, scratch);
            return;
        }
        var outputs = stackalloc float*[_layers.Length];
        for (var i = 0; i < _layers.Length; i++)
            outputs[i] = y + (i * yBetweenLayers);
        _kernel.MultiplyAll(_weights, x.Codes, x.CodeStride, tokens, outputs, yStride, scratch);
        for (var i = 0; i < _layers.Length; i++)
            _layers[i].ClearPadding(tokens, outputs[i], yStride);
    }
}
