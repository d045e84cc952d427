using System.Collections.Concurrent;
using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Engine;

/// <summary>Remembers which samples cannot be read, and ends the run when they are too many. Thread-safe.</summary>
internal sealed class BrokenSampleLog(int sampleCount)
{
    private const int Shown = 20;
    private const int ShownInError = 5;
    private readonly ConcurrentDictionary<int, string> _broken = new();

    /// <exception cref="InvalidInputException">More than 1% of the data set is broken.</exception>
    public bool Contains(int index)
    {
        if (!_broken.ContainsKey(index))
            return false;
        ThrowIfTooMany();
        return true;
    }

    /// <exception cref="InvalidInputException">More than 1% of the data set is broken.</exception>
    public void Add(int index, BadSampleException fault)
    {
        _broken.TryAdd(index, fault.Message);
        ThrowIfTooMany();
    }

    public BrokenSamples Summary()
    {
        var all = _broken.OrderBy(b => b.Key).Select(b => b.Value).ToArray();
        return new BrokenSamples(all.Length, [.. all.Take(Shown)]);
    }

    private void ThrowIfTooMany()
    {
        if (_broken.Count * 100L <= sampleCount)
            return;
        var summary = Summary();
        throw new InvalidInputException(
            $"{summary.Count} of {sampleCount} samples cannot be read, more than 1%; mend or remove them: {string.Join("; ", summary.First.Take(ShownInError).Select(f => f.TrimEnd('.')))}.");
    }
}
