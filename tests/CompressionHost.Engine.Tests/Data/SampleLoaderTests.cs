using CompressionHost.Abstractions;
using CompressionHost.Inference;
using CompressionHost.Recipes;
using CompressionHost.Tensors;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace CompressionHost.Engine.Tests;

public sealed class SampleLoaderTests
{
    private const int Size = 4;
    private const int ImageLength = 3 * Size * Size;

    // Mean 0 and deviation 1/255 give the pixels' own values back.
    private static readonly ClipImageProcessor Processor = new(Size, [0f, 0f, 0f], [1 / 255f, 1 / 255f, 1 / 255f]);

    private static readonly AugmentOptions Augment = new() { Flip = new Percentage(0.5), CropArea = new Percentage(0.4) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(10, 3, 2)]
    [InlineData(12, 4, 3)]
    [InlineData(5, 8, 4)]
    public void In_order_gives_every_sample_once_in_order(int count, int batch, int workers)
    {
        var batches = new SampleLoader(new FakeDataSet(count), Processor, workers).InOrder(batch, Token).ToArray();

        Assert.Equal(Enumerable.Range(0, count).Select(i => $"sample-{i}"), batches.SelectMany(b => b.Samples).Select(s => s.Origin));
        Assert.All(batches, b => Assert.Equal(b.Samples.Count * ImageLength, b.Pixels.Length));
        Assert.Equal((count + batch - 1) / batch, batches.Length);
        Assert.Equal(Enumerable.Range(0, count), batches.SelectMany(b => b.Pixels.Chunk(ImageLength)).Select(IndexOf));
    }

    [Property(MaxTest = 100)]
    public Property Each_epoch_covers_every_sample_once(PositiveInt samples, PositiveInt size, long seed)
    {
        var (count, batch) = (samples.Get % 40 + 1, size.Get % 17 + 1);
        const int Epochs = 4;
        var steps = (Epochs * count + batch - 1) / batch;
        var batches = Take(count, batch, seed, new AugmentOptions(), workers: 2, start: 0, steps);
        var order = batches.SelectMany(b => b.Indices).ToArray();
        Assert.All(batches, b => Assert.Equal((batch, batch * ImageLength), (b.Texts.Count, b.Pixels.Length)));
        Assert.Equal(Enumerable.Range(0, steps).Select(s => (long)s), batches.Select(b => b.Step));
        for (var epoch = 0; epoch < Epochs; epoch++)
            Assert.Equal(Enumerable.Range(0, count), order.Skip(epoch * count).Take(count).Order());
        return true.ToProperty();
    }

    [Property(MaxTest = 60)]
    public void Resuming_at_a_step_gives_what_would_have_come(PositiveInt samples, PositiveInt size, byte start, long seed)
    {
        var (count, batch) = (samples.Get % 40 + 1, size.Get % 9 + 1);
        var whole = Take(count, batch, seed, Augment, workers: 1, start: 0, start + 4);
        var resumed = Take(count, batch, seed, Augment, workers: 3, start, 4);
        AssertSame(whole[^4..], resumed);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void The_number_of_workers_changes_nothing(int workers) =>
        AssertSame(Take(150, 8, 7, Augment, 1, 0, 60, broken: 77), Take(150, 8, 7, Augment, workers, 0, 60, broken: 77));

    [Fact]
    public void A_cached_sample_gives_the_same_pixels_in_every_epoch()
    {
        var flipping = new AugmentOptions { Flip = new Percentage(0.5) };
        var data = new FakeDataSet(30);
        var whole = new SampleLoader(data, Processor, 2).Shuffled(10, 3, flipping, 0, Token).Take(60).ToArray();
        Assert.InRange(data.Reads, 30, 60);
        // A loader that starts late has nothing cached of the epochs before.
        AssertSame(whole[57..], Take(30, 10, 3, flipping, 1, 57, 3));
    }

    [Fact]
    public void Seeds_and_epochs_give_different_orders_texts_and_augmentation()
    {
        var a = Take(200, 200, 1, Augment, 1, 0, 2);
        var b = Take(200, 200, 2, Augment, 1, 0, 1);
        Assert.NotEqual(a[0].Indices, a[1].Indices);
        Assert.NotEqual(a[0].Indices, b[0].Indices);
        Assert.NotEqual(Enumerable.Range(0, 200), a[0].Indices);
        var first = a[0].Indices.Zip(a[0].Texts).ToDictionary();
        var second = a[1].Indices.Zip(a[1].Texts).ToDictionary();
        Assert.InRange(first.Count(p => second[p.Key] == p.Value), 30, 110);
    }

    [Fact]
    public void Every_text_is_one_of_its_sample_and_all_are_used_evenly()
    {
        var batches = Take(100, 100, 5, new AugmentOptions(), 2, 0, 30);
        var pairs = batches.SelectMany(b => b.Indices.Zip(b.Texts)).ToArray();
        Assert.All(pairs, p => Assert.Equal(p.First.ToString(System.Globalization.CultureInfo.InvariantCulture), p.Second.Split(' ')[0]));
        foreach (var word in new[] { "one", "two", "three" })
            Assert.InRange(pairs.Count(p => p.Second.EndsWith(word, StringComparison.Ordinal)), 900, 1100);
    }

    [Fact]
    public void Labelled_data_get_templates_filled_with_the_class_name()
    {
        var loader = new SampleLoader(new FakeDataSet(50, labelled: true), Processor, 2);
        var pairs = loader.Shuffled(50, 5, new AugmentOptions(), 0, Token).Take(8).SelectMany(b => b.Indices.Zip(b.Texts)).ToArray();
        Assert.All(pairs, p => Assert.EndsWith(p.First % 2 == 0 ? "cat" : "dog", p.Second, StringComparison.Ordinal));
        Assert.Equal(["a cat", "a dog", "the cat", "the dog"], pairs.Select(p => p.Second).Distinct().Order());
    }

    [Fact]
    public void Half_of_the_images_are_mirrored_and_nothing_else_changes()
    {
        var plain = ByIndex(Take(200, 200, 5, new AugmentOptions(), 2, 0, 1)[0]);
        var varied = ByIndex(Take(200, 200, 5, new AugmentOptions { Flip = new Percentage(0.5) }, 2, 0, 1)[0]);
        var mirrored = 0;
        foreach (var (index, pixels) in varied)
        {
            if (pixels.SequenceEqual(plain[index]))
                continue;
            mirrored++;
            Assert.Equal(plain[index].Chunk(Size).SelectMany(row => row.Reverse()), pixels);
        }
        Assert.InRange(mirrored, 70, 130);
        var all = ByIndex(Take(200, 200, 5, new AugmentOptions { Flip = new Percentage(1) }, 2, 0, 1)[0]);
        Assert.All(all, p => Assert.False(p.Value.SequenceEqual(plain[p.Key])));
    }

    [Fact]
    public void Crops_keep_the_picture_and_vary_its_part()
    {
        var crops = Take(200, 200, 5, new AugmentOptions { CropArea = new Percentage(0.3) }, 2, 0, 1)[0];
        // Green and blue are the same all over the picture, so every crop still tells its index.
        Assert.Equal(crops.Indices, crops.Pixels.Chunk(ImageLength).Select(IndexOf));
        Assert.True(crops.Pixels.Chunk(ImageLength).Select(p => string.Join(' ', p.Take(Size))).Distinct().Count() >= 8);
    }

    [Fact]
    public void Broken_samples_are_left_out_counted_and_named()
    {
        var loader = new SampleLoader(new FakeDataSet(400, false, 5, 6, 399), Processor, 3);
        var batches = loader.InOrder(2, Token).ToArray();
        Assert.Equal(Enumerable.Range(0, 400).Except([5, 6, 399]).Select(i => $"sample-{i}"), batches.SelectMany(b => b.Samples).Select(s => s.Origin));
        Assert.DoesNotContain(batches, b => b.Samples.Count == 0);
        Assert.Equal(3, loader.Broken.Count);
        Assert.Equal(["sample-5: broken on purpose", "sample-6: broken on purpose", "sample-399: broken on purpose"], loader.Broken.First);
    }

    [Fact]
    public void In_training_the_next_readable_sample_takes_a_broken_ones_place()
    {
        var whole = Take(400, 20, 9, Augment, 2, 0, 40);
        var broken = Take(400, 20, 9, Augment, 2, 0, 40, 5, 6, 399);
        foreach (var (a, b) in whole.Zip(broken))
            Assert.Equal(a.Indices.Select(i => i switch { 5 or 6 => 7, 399 => 0, _ => i }), b.Indices);
        Assert.All(broken, b => Assert.Equal(b.Indices, b.Pixels.Chunk(ImageLength).Select(IndexOf)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void More_than_one_percent_of_broken_samples_ends_the_run(int workers)
    {
        int[] broken = [10, 60, 110, 160];
        var few = new SampleLoader(new FakeDataSet(400, false, broken), Processor, workers);
        Assert.Equal(396, few.InOrder(7, Token).Sum(b => b.Samples.Count));
        var many = new SampleLoader(new FakeDataSet(399, false, broken), Processor, workers);
        var error = Assert.Throws<InvalidInputException>(() => many.InOrder(7, Token).Count());
        Assert.Contains("4 of 399", error.Message, StringComparison.Ordinal);
        Assert.Contains("sample-10: broken on purpose; sample-60", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidInputException>(() => many.Shuffled(7, 1, Augment, 0, Token).Take(1000).Count());
        Assert.Throws<InvalidInputException>(() => new SampleLoader(new FakeDataSet(3, false, 0, 1, 2), Processor, workers).Shuffled(7, 1, Augment, 0, Token).First());
    }

    [Fact]
    public void What_a_source_throws_comes_where_its_batch_would_have_come()
    {
        var data = new FakeDataSet(40) { OnRead = i => { if (i == 25) throw new InvalidOperationException("plugin bug"); } };
        var seen = new List<string>();
        var error = Assert.Throws<InvalidOperationException>(() =>
        {
            foreach (var batch in new SampleLoader(data, Processor, 4).InOrder(10, Token))
                seen.AddRange(batch.Samples.Select(s => s.Origin));
        });
        Assert.Equal("plugin bug", error.Message);
        Assert.Equal(20, seen.Count);
        Assert.Equal(0, data.Inside);
    }

    [Fact]
    public void Leaving_early_ends_all_reading()
    {
        var data = new FakeDataSet(1000) { OnRead = _ => Thread.Sleep(1) };
        foreach (var batch in new SampleLoader(data, Processor, 4).Shuffled(20, 1, Augment, 0, Token))
        {
            if (batch.Step == 2)
                break;
        }
        Assert.Equal(0, data.Inside);
        var reads = data.Reads;
        Thread.Sleep(50);
        Assert.Equal(reads, data.Reads);
        // Never more than the batches made ahead: 3 taken and 4 under way.
        Assert.InRange(reads, 60, 20 * 7);
    }

    [Fact]
    public void Cancelling_ends_all_reading_with_the_callers_token()
    {
        using var stop = new CancellationTokenSource();
        var data = new FakeDataSet(1000) { OnRead = i => { if (i == 90) stop.Cancel(); } };
        var error = Assert.Throws<OperationCanceledException>(() => new SampleLoader(data, Processor, 3).InOrder(10, stop.Token).Count());
        Assert.Equal(stop.Token, error.CancellationToken);
        Assert.Equal(0, data.Inside);
    }

    [Fact]
    public void A_slow_consumer_finds_no_more_than_the_workers_batches_made_ahead()
    {
        var data = new FakeDataSet(1000);
        using var batches = new SampleLoader(data, Processor, 3).InOrder(10, Token).GetEnumerator();
        Assert.True(batches.MoveNext());
        Thread.Sleep(100);
        Assert.InRange(data.Reads, 10, 40);
    }

    [Fact]
    public void Refuses_arguments_that_make_no_sense()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SampleLoader(new FakeDataSet(1), Processor, 0));
        var loader = new SampleLoader(new FakeDataSet(1), Processor, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.InOrder(0, Token));
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.Shuffled(0, 1, Augment, 0, Token));
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.Shuffled(1, 1, Augment, -1, Token));
    }

    private static TrainingBatch[] Take(int count, int batch, long seed, AugmentOptions augment, int workers, long start, int steps, params int[] broken) =>
        [.. new SampleLoader(new FakeDataSet(count, false, broken), Processor, workers).Shuffled(batch, seed, augment, start, Token).Take(steps)];

    private static int IndexOf(float[] pixels) => (int)Math.Round(pixels[Size * Size]) + 256 * (int)Math.Round(pixels[2 * Size * Size]);

    private static Dictionary<int, float[]> ByIndex(TrainingBatch batch) => batch.Indices.Zip(batch.Pixels.Chunk(ImageLength)).ToDictionary();

    private static void AssertSame(TrainingBatch[] expected, TrainingBatch[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach (var (a, b) in expected.Zip(actual))
        {
            Assert.Equal(a.Step, b.Step);
            Assert.Equal(a.Indices, b.Indices);
            Assert.Equal(a.Texts, b.Texts);
            Assert.Equal(a.Pixels, b.Pixels);
        }
    }
}
