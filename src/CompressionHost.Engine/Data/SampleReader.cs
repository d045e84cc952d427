using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Engine;

/// <summary>Reads samples and remembers those that cannot be read; more than 1% of such samples end the run. Thread-safe.</summary>
internal sealed class SampleReader(IDataSet data)
{
    private readonly BrokenSampleLog _broken = new(data.Count);

    /// <summary>Samples of the data set.</summary>
    public int Count => data.Count;

    /// <summary>The samples that could not be read so far.</summary>
    public BrokenSamples Broken => _broken.Summary();

    /// <summary>One sample, or null where it cannot be read.</summary>
    /// <exception cref="InvalidInputException">Too many samples cannot be read.</exception>
    public Sample? TryRead(int index)
    {
        if (_broken.Contains(index))
            return null;
        try
        {
            return data.Read(index);
        }
        catch (BadSampleException e)
        {
            _broken.Add(index, e);
            return null;
        }
    }

    /// <summary>The sample at an index or the next one that can be read, the first after the last.</summary>
    /// <exception cref="InvalidInputException">Too many samples cannot be read, which is before all have been tried.</exception>
    public (int Index, Sample Sample) ReadFrom(int index, CancellationToken cancellationToken)
    {
        for (; ; index = (index + 1) % data.Count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryRead(index) is { } sample)
                return (index, sample);
        }
    }

    /// <summary>The readable samples from one index up to another.</summary>
    public List<Sample> ReadRange(int start, int end, CancellationToken cancellationToken)
    {
        var samples = new List<Sample>(end - start);
        for (var index = start; index < end; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryRead(index) is { } sample)
                samples.Add(sample);
        }
        return samples;
    }
}
