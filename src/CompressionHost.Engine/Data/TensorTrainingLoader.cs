using CompressionHost.Abstractions;
using CompressionHost.Recipes;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Engine;

/// <summary>
/// Reads samples for the training of a model of named tensors and makes its inputs of them on other threads while the model computes. A sample that cannot be
/// read is replaced by the next one that can.
/// </summary>
/// <param name="data">Where samples come from; stays the caller's.</param>
/// <param name="student">Says how samples become inputs.</param>
/// <param name="teacher">Says so for the teacher; null without one.</param>
/// <param name="workers">Threads that read, at least 1; also the number of batches made ahead.</param>
internal sealed class TensorTrainingLoader(IDataSet data, ITensorModel student, ITensorModel? teacher, int workers)
{
    private readonly SampleReader _reader = new(data);
    private readonly bool _teacherReadsTheSame = teacher is null || ReadTheSame(student, teacher);

    /// <summary>The samples that could not be read so far.</summary>
    public BrokenSamples Broken => _reader.Broken;

    /// <summary>
    /// Full batches without end. Each epoch is a permutation of its own, and an epoch's remainder flows into the next. Batch k depends on the seed, k and the data
    /// only. Of several texts of a sample one is drawn each epoch, as the augmentation is. The consumer disposes of each batch.
    /// </summary>
    /// <param name="batchSize">Samples in a batch, at least 1.</param>
    /// <param name="seed">Seed of order, texts and augmentation.</param>
    /// <param name="augment">How images are varied.</param>
    /// <param name="startStep">The step of the first batch, from 0.</param>
    /// <param name="cancellationToken">Ends the enumeration early.</param>
    /// <exception cref="InvalidInputException">While enumerating: more than 1% of the samples cannot be read, or a model cannot take them.</exception>
    public IEnumerable<TensorTrainingBatch> Shuffled(
        int batchSize, long seed, AugmentOptions augment, long startStep = 0, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        var order = new EpochOrder(_reader.Count, seed);
        var augmenter = new ImageAugmenter(augment);
        return OrderedPrefetch.Run(
            (step, token) => Batch(Enumerable.Range(0, batchSize).Select(i => order.At(checked(step * batchSize + i))), seed, augmenter, token),
            startStep, long.MaxValue, workers, cancellationToken);
    }

    private TensorTrainingBatch Batch(IEnumerable<(long Epoch, int Index)> order, long seed, ImageAugmenter augmenter, CancellationToken cancellationToken)
    {
        var samples = new List<Sample>();
        foreach (var (epoch, first) in order)
        {
            var (index, sample) = _reader.ReadFrom(first, cancellationToken);
            var random = new SampleRandom(seed, epoch, index);
            var texts = sample.Texts.Count > 1 ? [sample.Texts[random.Next(sample.Texts.Count)]] : sample.Texts;
            samples.Add(sample with { Texts = texts, Image = augmenter.Vary(sample.Image, ref random) });
        }
        var inputs = student.Encode(samples);
        var labels = samples.TrueForAll(s => s.Label is not null) ? torch.tensor(samples.ConvertAll(s => (long)s.Label!.Value).ToArray()) : null;
        return new TensorTrainingBatch(inputs, _teacherReadsTheSame ? inputs : teacher!.Encode(samples), labels);
    }

    /// <summary>Whether two models make the same inputs of a sample: names, types and shapes are equal, and so are the files that say how.</summary>
    private static bool ReadTheSame(ITensorModel a, ITensorModel b)
    {
        string[] files = ["preprocessor_config.json", "vocab.txt", "tokenizer_config.json"];
        return a.Inputs.Count == b.Inputs.Count
            && a.Inputs.Zip(b.Inputs).All(p => p.First.Name == p.Second.Name && p.First.Type == p.Second.Type && p.First.Shape.SequenceEqual(p.Second.Shape))
            && files.All(f => a.Assets.GetValueOrDefault(f).AsSpan().SequenceEqual(b.Assets.GetValueOrDefault(f)));
    }
}
