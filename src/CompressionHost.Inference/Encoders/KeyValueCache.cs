using System.Runtime.CompilerServices;
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

    /// <summary>Stores the keys of some tokens, head by head: the panels of one head stay in the first-level cache.</summary>
    /// <param name="positions">Where the tokens' keys belong.</param>
    /// <param name="keys">First token's keys of all heads.</param>
    /// <param name="stride">Floats between tokens.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void StoreKeys(ReadOnlySpan<int> positions, float* keys, long stride)
    {
        for (var head = 0; head < _heads; head++)
        {
            for (var t = 0; t < positions.Length; t++)
            {
                var (panel, lane) = Math.DivRem(positions[t], _panel);
                var target = _keys.Floats + head * _keysOfHead + (long)panel * _panel * _dim + lane;
                var key = keys + t * stride + head * _dim;
                for (var d = 0; d < _dim; d++)
                    target[(long)d * _panel] = key[d];
            }
        }
    }

    /// <summary>Stores the values of some tokens; parameters as for <see cref="StoreKeys"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void StoreValues(ReadOnlySpan<int> positions, float* values, long stride)
    {
        for (var head = 0; head < _heads; head++)
        {
            for (var t = 0; t < positions.Length; t++)
            {
                var target = _values.Floats + head * _valuesOfHead + (long)positions[t] * ValueStride;
                new ReadOnlySpan<float>(values + t * stride + head * _dim, _dim).CopyTo(new Span<float>(target, _dim));
            }
        }
    }

    public void Dispose()
    {
        _keys.Dispose();
        _values.Dispose();
    }
}
