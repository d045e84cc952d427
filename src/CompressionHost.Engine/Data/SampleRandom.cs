namespace CompressionHost.Engine;

/// <summary>
/// Random numbers for one purpose, such as one sample in one epoch, that depend on nothing but their key: SplitMix64 (Steele,
/// Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014) started at a hash of the key.
/// </summary>
internal struct SampleRandom
{
    private ulong _state;

    public SampleRandom(long seed, long epoch, long index) =>
        _state = Mix(Mix(Mix((ulong)seed) + (ulong)epoch) + (ulong)index);

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        return Mix(_state);
    }

    /// <summary>Uniform from 0 to <paramref name="bound"/> - 1.</summary>
    public int Next(int bound) => (int)Math.BigMul(Next(), (ulong)bound, out _);

    /// <summary>Uniform from 0 to just below 1, with 53 bits.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    private static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }
}
