using CompressionHost.Kernels;

namespace CompressionHost.Inference;

/// <summary>Keys and values of one block for all tokens of a batch, laid out as <see cref="FloatKernels.Attend"/> reads them, a head after the other.</summary>
internal sealed unsafe class KeyValueCache : IDisposable
{
    private readonly AlignedMemory _keys;
    private readonly AlignedMemory _values;
    private readonly int _heads;
    private readonly int _dim;
    private readonly int _panel;
    private readonly long _keysOfHead;
    private readonly long _valuesOfHead;

    /// <param name="shape">Sizes.</param>
    /// <param name="panel">Keys of a panel.</param>
    /// <param name="keys">Room for keys, in whole panels.</param>
    public KeyValueCache(TowerShape shape, int panel, int keys)
    {
        (_heads, _dim, _panel) = (shape.Heads, shape.Dim, panel);
        ValueStride = (_dim + panel - 1) / panel * panel;
        (_keysOfHead, _valuesOfHead) = ((long)keys * _dim, (long)keys * ValueStride);
        _keys = new AlignedMemory(_heads * _keysOfHead * sizeof(float));
        _values = new AlignedMemory(_heads * _valuesOfHead * sizeof(float));
    }

    /// <summary>Floats between values.</summary>
    public int ValueStride { get; }

    /// <summary>The panel that begins with a key.</summary>
    public float* Keys(int head, int firstKey) => _keys.Floats + head * _keysOfHead + (long)firstKey * _dim;

    public float* Values(int head, int firstKey) => _values.Floats + head * _valuesOfHead + (long)firstKey * ValueStride;

    /// <summary>Stores the keys of all heads of one token.</summary>
    public void StoreKey(int position, float* key)
    {
        var target = _keys.Floats + (long)(position / _panel) * _panel * _dim + position % _panel;
        for (var head = 0; head < _heads; head++, target += _keysOfHead)
        {
            for (var d = 0; d < _dim; d++)
                target[d * _panel] = *key++;
        }
    }

    /// <summary>Stores the values of all heads of one token.</summary>
    public void StoreValue(int position, float* value)
    {
        var target = _values.Floats + (long)position * ValueStride;
        for (var head = 0; head < _heads; head++, target += _valuesOfHead, value += _dim)
            new ReadOnlySpan<float>(value, _dim).CopyTo(new Span<float>(target, _dim));
    }

    public void Dispose()
    {
        _keys.Dispose();
        _values.Dispose();
    }
}
