using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Engine;

/// <summary>Reads samples and makes a model's inputs of them on other threads while the model computes.</summary>
/// <param name="data">Where samples come from; stays the caller's.</param>
/// <param name="model">Says how samples become inputs.</param>
/// <param name="workers">Threads that read, at least 1; also the number of batches made ahead.</param>
internal sealed class TensorLoader(IDataSet data, ITensorModel model, int workers)
{
    private readonly SampleReader _reader = new(data);

    /// <summary>The samples that could not be read so far.</summary>
    public BrokenSamples Broken => _reader.Broken;

    /// <summary>Every readable sample once, in order. A batch with broken samples is shorter. The consumer disposes of each batch.</summary>
    /// <param name="batchSize">Samples in a batch, at least 1.</param>
    /// <param name="cancellationToken">Ends the enumeration early.</param>
    /// <exception cref="InvalidInputException">While enumerating: more than 1% of the samples cannot be read, or the model cannot take them.</exception>
    public IEnumerable<TensorBatch> InOrder(int batchSize, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        var batches = ((long)_reader.Count + batchSize - 1) / batchSize;
        return OrderedPrefetch.Run((b, token) => Batch(b * batchSize, batchSize, token), 0, batches, workers, cancellationToken).OfType<TensorBatch>();
    }

    private TensorBatch? Batch(long start, int batchSize, CancellationToken cancellationToken)
    {
        var samples = _reader.ReadRange((int)start, (int)Math.Min(_reader.Count, start + batchSize), cancellationToken);
        return samples.Count == 0 ? null : new TensorBatch(model.Encode(samples), samples);
    }
}
