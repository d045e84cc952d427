using CompressionHost.Abstractions;
using CompressionHost.Inference;

namespace CompressionHost.Engine;

/// <summary>A sample as far as it can be prepared once for all epochs: resized where nothing is cropped, else decoded.</summary>
/// <param name="Planes">[3, size, size], or null.</param>
/// <param name="Image">The decoded image, or null.</param>
/// <param name="Texts">Captions.</param>
/// <param name="Label">Label.</param>
internal sealed record PreparedSample(byte[]? Planes, RgbImage? Image, IReadOnlyList<string> Texts, int? Label)
{
    public static PreparedSample Of(Sample sample, ClipImageProcessor processor, bool keepImage) => new(
        keepImage ? null : processor.ResizeAndCrop(sample.Image), keepImage ? sample.Image : null, sample.Texts, sample.Label);

    public long Bytes => (Planes?.LongLength ?? 0) + (Image?.Pixels.LongLength ?? 0);
}

/// <summary>
/// Keeps the prepared samples of a data set that is small enough to be kept whole; of a larger one nothing, since a part of it would
/// save little and cost the memory all the same. Thread-safe.
/// </summary>
internal sealed class TrainingSampleCache
{
    private readonly PreparedSample?[] _items;
    private long _room;

    /// <param name="count">Samples of the data set.</param>
    /// <param name="imageBytes">Bytes of one resized image.</param>
    /// <param name="budget">Bytes that may be kept.</param>
    public TrainingSampleCache(int count, long imageBytes, long budget)
    {
        _items = count * imageBytes <= budget ? new PreparedSample?[count] : [];
        _room = budget;
    }

    public PreparedSample? Find(int index) => index < _items.Length ? Volatile.Read(ref _items[index]) : null;

    public void Add(int index, PreparedSample sample)
    {
        // Two threads may add the same sample: the room then counts it twice, which only makes the cache smaller.
        if (index < _items.Length && Interlocked.Add(ref _room, -sample.Bytes) >= 0)
            Volatile.Write(ref _items[index], sample);
    }
}
