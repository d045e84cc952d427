using CompressionHost.Kernels;

namespace CompressionHost.Inference;

/// <summary>Keys and values of one block for all tokens of a batch, as int16 codes where <see cref="FloatKernels.Attend"/> reads them, a head after the other.</summary>
internal sealed unsafe class KeyValueCache : IDisposable
{
    private readonly FloatKernels _kernels;
    private readonly AlignedMemory _keys;
    private readonly AlignedMemory _values;
    private readonly AlignedMemory _scales;
    private readonly int _heads;
    private readonly int _dim;
    private readonly int _capacity;
    private readonly int _valueStride;

    /// <param name="shape">Sizes.</param>
    /// <param name="kernels">The kernels that will read it.</param>
    /// <param name="keys">Room for keys, a multiple of <see cref="FloatKernels.KeyAlignment"/>.</param>
    public KeyValueCache(TowerShape shape, FloatKernels kernels, int keys)
    {
        (_heads, _dim, _kernels, _capacity) = (shape.Heads, shape.Dim, kernels, keys);
        _valueStride = (_dim + kernels.Panel - 1) / kernels.Panel * kernels.Panel;
        _keys = new AlignedMemory(_heads * KeysOfHead * sizeof(short));
        _values = new AlignedMemory(_heads * ValuesOfHead * sizeof(short));
        _scales = new AlignedMemory(2L * _heads * keys * sizeof(float));
    }

    private long KeysOfHead => (long)_capacity * FloatKernels.HeadStride(_dim);

    private long ValuesOfHead => (long)_capacity * _valueStride;

    private float* KeyScales => _scales.Floats;

    private float* ValueScales => _scales.Floats + ((long)_heads * _capacity);

    /// <summary>int16 values of scratch memory that <see cref="Store"/> needs.</summary>
    public static int ScratchCodes(TowerShape shape) => 2 * shape.Heads * FloatKernels.HeadStride(shape.Dim);

    /// <summary>What attention reads of one head and one sequence.</summary>
    /// <param name="head">Which head.</param>
    /// <param name="firstKey">The sequence's first key, which begins a panel.</param>
    /// <param name="length">Its keys.</param>
    public HeadMemory Head(int head, int firstKey, int length) => new(
        (short*)_keys.Start + (head * KeysOfHead) + ((long)firstKey * FloatKernels.HeadStride(_dim)), KeyScales + ((long)head * _capacity) + firstKey,
        (short*)_values.Start + (head * ValuesOfHead) + ((long)firstKey * _valueStride), ValueScales + ((long)head * _capacity) + firstKey,
        _valueStride, length, _dim);

    /// <summary>Stores the keys and values of some tokens.</summary>
    /// <param name="positions">Where they belong.</param>
    /// <param name="keys">First token's keys of all heads.</param>
    /// <param name="values">First token's values of all heads.</param>
    /// <param name="stride">Floats between tokens.</param>
    /// <param name="codes">Scratch memory of <see cref="ScratchCodes"/>.</param>
    public void Store(ReadOnlySpan<int> positions, float* keys, float* values, long stride, short* codes)
    {
        var most = FloatKernels.MostOfScores(_dim);
        var next = codes + (_heads * FloatKernels.HeadStride(_dim));
        for (var t = 0; t < positions.Length; t++)
        {
            var key = positions[t];
            _kernels.QuantizeHeads(keys + (t * stride), _heads, _dim, most, codes, KeyScales + key, _capacity);
            _kernels.StoreKey(codes, _heads, _dim, (short*)_keys.Start, KeysOfHead, key);
        }
        for (var t = 0; t < positions.Length; t++)
        {
            var key = positions[t];
            Quantize(values + (t * stride), key, codes);
            if (key % 2 == 0 && t + 1 < positions.Length && positions[t + 1] == key + 1)
            {
                Quantize(values + (++t * stride), key + 1, next);
                _kernels.StoreValues(codes, next, _heads, _dim, (short*)_values.Start, ValuesOfHead, _valueStride, key);
            }
            else
            {
                _kernels.StoreValue(codes, _heads, _dim, (short*)_values.Start, ValuesOfHead, _valueStride, key);
            }
        }
    }

    public void Dispose()
    {
        _keys.Dispose();
        _values.Dispose();
        _scales.Dispose();
    }

    private void Quantize(float* values, int key, short* codes) =>
        _kernels.QuantizeHeads(values, _heads, _dim, short.MaxValue, codes, ValueScales + key, _capacity);
}
