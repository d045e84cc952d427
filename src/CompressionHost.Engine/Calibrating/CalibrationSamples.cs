using CompressionHost.Abstractions;

namespace CompressionHost.Engine;

/// <summary>
/// The samples a model is calibrated on: the first of training's own seeded order that can be read. They are decoded anew each time they are asked for, so
/// that none has to wait in memory.
/// </summary>
internal sealed class CalibrationSamples(IDataSet data, int count, long seed)
{
    // A convolution's patches of a batch are all in memory at once.
    private const int BatchSize = 32;

    private readonly SampleReader _reader = new(data);

    /// <summary>The samples that could not be read and were replaced.</summary>
    public BrokenSamples Broken => _reader.Broken;

    /// <summary>Batch after batch; the same ones each time.</summary>
    public IEnumerable<CalibrationBatch> Batches(CancellationToken cancellationToken)
    {
        var order = new EpochOrder(data.Count, seed);
        var position = 0L;
        for (var left = count; left > 0; left -= BatchSize)
        {
            var samples = new List<Sample>();
            var texts = new List<string>();
            while (samples.Count < Math.Min(left, BatchSize))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (epoch, index) = order.At(position++);
                if (_reader.TryRead(index) is not { } sample)
                    continue;
                samples.Add(sample);
                var random = new SampleRandom(seed, epoch, index);
                if (SampleText.Draw(data, sample.Texts, sample.Label, ref random) is { } text)
                    texts.Add(text);
            }
            yield return new CalibrationBatch(samples, texts);
        }
    }
}
