using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Recipes;
using CompressionHost.Tensors;

namespace CompressionHost.Engine;

/// <summary>
/// Reads, decodes and preprocesses samples on other threads while the model computes. What it gives does not depend on the
/// number of threads. A sample that cannot be read is left out, remembered in <see cref="Broken"/> and, in training, replaced by the next
/// one that can; more than 1% of such samples end the run.
/// </summary>
public sealed class SampleLoader
{
    private const long CacheBytes = 512L << 20;

    private readonly IDataSet _data;
    private readonly ClipImageProcessor _processor;
    private readonly int _workers;
    private readonly int _imageLength;
    private readonly SampleReader _reader;

    /// <param name="data">Where samples come from; stays the caller's.</param>
    /// <param name="processor">How images become pixels.</param>
    /// <param name="workers">Threads that read, at least 1; also the number of batches made ahead.</param>
    public SampleLoader(IDataSet data, ClipImageProcessor processor, int workers)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(processor);
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        (_data, _processor, _workers) = (data, processor, workers);
        _imageLength = checked(3 * processor.Size * processor.Size);
        _reader = new SampleReader(data);
    }

    /// <summary>Samples of the data set.</summary>
    public int Count => _data.Count;

    /// <summary>The samples that could not be read so far.</summary>
    public BrokenSamples Broken => _reader.Broken;

    /// <summary>Every readable sample once, in order. A batch with broken samples is shorter.</summary>
    /// <param name="batchSize">Samples in a batch, at least 1.</param>
    /// <param name="cancellationToken">Ends the enumeration early.</param>
    /// <exception cref="InvalidInputException">While enumerating: more than 1% of the samples cannot be read.</exception>
    public IEnumerable<ImageBatch> InOrder(int batchSize, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        var batches = ((long)_data.Count + batchSize - 1) / batchSize;
        return OrderedPrefetch.Run((b, token) => EvaluationBatch(b * batchSize, batchSize, token), 0, batches, _workers, cancellationToken)
            .Where(b => b.Samples.Count > 0);
    }

    /// <summary>
    /// Full batches without end for training. Each epoch is a permutation of its own, and an epoch's remainder flows into the next. Batch
    /// k depends on the seed, k and the data only, so training resumes at any step. A sample's text is one of its captions or, for
    /// labelled data, a template filled with the class name, drawn anew each epoch as the augmentation is.
    /// </summary>
    /// <param name="batchSize">Samples in a batch, at least 1.</param>
    /// <param name="seed">Seed of order, texts and augmentation.</param>
    /// <param name="augment">How images are varied.</param>
    /// <param name="startStep">The step of the first batch, from 0.</param>
    /// <param name="cancellationToken">Ends the enumeration early.</param>
    /// <exception cref="InvalidInputException">While enumerating: more than 1% of the samples cannot be read, or one has neither text nor label.</exception>
    public IEnumerable<TrainingBatch> Shuffled(int batchSize, long seed, AugmentOptions augment, long startStep = 0, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentNullException.ThrowIfNull(augment);
        ArgumentOutOfRangeException.ThrowIfNegative(startStep);
        var order = new EpochOrder(_data.Count, seed);
        var augmenter = new ImageAugmenter(augment);
        var cache = new TrainingSampleCache(_data.Count, _imageLength, CacheBytes);
        return OrderedPrefetch.Run((step, token) => MakeTrainingBatch(step, batchSize, seed, order, augmenter, cache, token), startStep, long.MaxValue, _workers, cancellationToken);
    }

    private ImageBatch EvaluationBatch(long start, int batchSize, CancellationToken cancellationToken)
    {
        var end = (int)Math.Min(_data.Count, start + batchSize);
        var samples = _reader.ReadRange((int)start, end, cancellationToken);
        var pixels = new float[samples.Count * _imageLength];
        for (var i = 0; i < samples.Count; i++)
            _processor.Process(samples[i].Image, pixels.AsSpan(i * _imageLength, _imageLength));
        return new ImageBatch(pixels, samples);
    }

    private TrainingBatch MakeTrainingBatch(
        long step, int batchSize, long seed, EpochOrder order, ImageAugmenter augmenter, TrainingSampleCache cache, CancellationToken cancellationToken)
    {
        var pixels = GC.AllocateUninitializedArray<float>(checked(batchSize * _imageLength));
        var texts = new string[batchSize];
        var indices = new int[batchSize];
        for (var i = 0; i < batchSize; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (epoch, first) = order.At(checked(step * batchSize + i));
            var (index, sample) = Prepared(first, augmenter.Crops, cache, cancellationToken);
            var random = new SampleRandom(seed, epoch, index);
            indices[i] = index;
            texts[i] = SampleText.Draw(_data, sample.Texts, sample.Label, ref random)
                ?? throw new InvalidInputException($"Sample {index} of the training data has neither a caption nor a label.");
            Fill(sample, augmenter, ref random, pixels.AsSpan(i * _imageLength, _imageLength));
        }
        return new TrainingBatch(step, pixels, texts, indices);
    }

    // A broken sample's place is taken by the next readable one. The log throws before a whole data set could be searched in vain.
    private (int Index, PreparedSample Sample) Prepared(int index, bool keepImage, TrainingSampleCache cache, CancellationToken cancellationToken)
    {
        for (; ; index = (index + 1) % _data.Count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (cache.Find(index) is { } known)
                return (index, known);
            if (_reader.TryRead(index) is not { } sample)
                continue;
            var prepared = PreparedSample.Of(sample, _processor, keepImage);
            cache.Add(index, prepared);
            return (index, prepared);
        }
    }

    private void Fill(PreparedSample sample, ImageAugmenter augmenter, ref SampleRandom random, Span<float> destination)
    {
        var flips = augmenter.Flips(ref random);
        var planes = sample.Planes ?? augmenter.Crop(sample.Image!, _processor.Size, ref random);
        if (flips)
        {
            // Cached planes are shared by all epochs.
            planes = sample.Planes is null ? planes : [.. planes];
            ImageAugmenter.Flip(planes, _processor.Size);
        }
        _processor.Normalize(planes, destination);
    }
}
