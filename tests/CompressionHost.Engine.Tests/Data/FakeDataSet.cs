using CompressionHost.Abstractions;
using CompressionHost.Inference;

namespace CompressionHost.Engine.Tests;

/// <summary>Samples whose every pixel tells their index, some of them broken.</summary>
internal sealed class FakeDataSet(int count, bool labelled = false, params int[] broken) : IDataSet
{
    private readonly HashSet<int> _broken = [.. broken];
    private int _reads;
    private int _inside;

    public int Reads => Volatile.Read(ref _reads);

    /// <summary>Calls of <see cref="Read"/> that have not returned.</summary>
    public int Inside => Volatile.Read(ref _inside);

    /// <summary>Called at each read with the index, on the reading thread.</summary>
    public Action<int>? OnRead { get; init; }

    public int Count => count;

    public IReadOnlyList<string> ClassNames { get; } = labelled ? ["cat", "dog"] : [];

    public IReadOnlyList<string> Templates { get; } = labelled ? ["a {c}", "the {c}"] : [];

    public Sample Read(int index)
    {
        Interlocked.Increment(ref _reads);
        Interlocked.Increment(ref _inside);
        try
        {
            OnRead?.Invoke(index);
            if (_broken.Contains(index))
                throw new BadSampleException($"sample-{index}", "broken on purpose");
            return new Sample(Image(index), labelled ? [] : [$"{index} one", $"{index} two", $"{index} three"], labelled ? index % 2 : null, $"sample-{index}");
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }

    public IEnumerable<string> Texts() => [];

    public string Digest() => "";

    public void Dispose()
    {
    }

    // Six pixels wide, so that the processor crops; red rises from left to right, green and blue spell the index.
    private static RgbImage Image(int index)
    {
        var pixels = new byte[6 * 4 * 3];
        for (var i = 0; i < 24; i++)
        {
            pixels[3 * i] = (byte)(40 * (i % 6));
            pixels[3 * i + 1] = (byte)index;
            pixels[3 * i + 2] = (byte)(index >> 8);
        }
        return new RgbImage(6, 4, pixels);
    }
}
