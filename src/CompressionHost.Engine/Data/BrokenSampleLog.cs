using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Engine;

/// <summary>Remembers which samples cannot be read, and ends the run when they are too many. Thread-safe.</summary>
internal sealed class BrokenSampleLog(int sampleCount)
{
    private const int Shown = 20;
    private const int ShownInError = 5;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<int, string> _broken = [];

    /// <exception cref="InvalidInputException">More than 1% of the data set is broken.</exception>
    public bool Contains(int index)
    {
        lock (_lock)
        {
            if (!_broken.ContainsKey(index))
                return false;
            ThrowIfTooMany();
            return true;
        }
    }

    /// <exception cref="InvalidInputException">More than 1% of the data set is broken.</exception>
    public void Add(int index, BadSampleException fault)
    {
        lock (_lock)
        {
            _broken.TryAdd(index, fault.Message);
            ThrowIfTooMany();
        }
    }

    public BrokenSamples Summary()
    {
        lock (_lock)
            return new BrokenSamples(_broken.Count, [.. _broken.Values.Take(Shown)]);
    }

    // Under the lock.
    private void ThrowIfTooMany()
    {
        if (_broken.Count * 100L <= sampleCount)
            return;
        throw new InvalidInputException(
            $"{_broken.Count} of {sampleCount} samples cannot be read, more than 1%; mend or remove them: {string.Join("; ", _broken.Values.Take(ShownInError).Select(f => f.TrimEnd('.')))}.");
    }
}
