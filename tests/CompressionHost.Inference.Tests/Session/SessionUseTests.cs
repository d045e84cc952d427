namespace CompressionHost.Inference.Tests;

/// <summary>How applications use a session: from many threads, with inputs that do not fit, beyond its end.</summary>
public sealed class SessionUseTests
{
    private static readonly ClipConfig Config = TinyPackage.Ragged();

    [Fact]
    public void Many_threads_get_what_one_gets()
    {
        using var tiny = OpenPackage.Of(TinyPackage.Create(Config), new ClipSessionOptions { Threads = 2 });
        const int Inputs = 16;
        var (pixels, tokens) = (TinyPackage.Pixels(Config, Inputs), TinyPackage.Tokens(Config, Inputs));
        var (images, texts) = (tiny.Images(pixels, Inputs), tiny.Texts(tokens, Inputs));
        var (imageLength, textLength) = (pixels.Length / Inputs, tokens.Length / Inputs);
        Exception? failure = null;
        var threads = Enumerable.Range(0, 8).Select(n => new Thread(() =>
        {
            try
            {
                var embedding = new float[2 * tiny.Session.EmbeddingSize];
                for (var i = 0; i < 400; i++)
                {
                    var input = (n * 5 + i) % (Inputs - 1);
                    tiny.Session.EncodeImages(pixels.AsSpan(input * imageLength, 2 * imageLength), 2, embedding);
                    Assert.Equal(images[input].Concat(images[input + 1]), embedding);
                    tiny.Session.EncodeTexts(tokens.AsSpan(input * textLength, textLength), 1, embedding);
                    Assert.Equal(texts[input], embedding[..tiny.Session.EmbeddingSize]);
                }
            }
            catch (Exception e)
            {
                failure = e;
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        Assert.Null(failure);
    }

    [Fact]
    public void A_session_that_is_disposed_during_calls_ends_them_well()
    {
        var (pixels, embedding) = (TinyPackage.Pixels(Config, 1), (float[]?)null);
        for (var round = 0; round < 20; round++)
        {
            using var tiny = OpenPackage.Of(TinyPackage.Create(Config));
            using var started = new ManualResetEventSlim();
            var caller = new Thread(() =>
            {
                var mine = new float[tiny.Session.EmbeddingSize];
                try
                {
                    while (true)
                    {
                        tiny.Session.EncodeImages(pixels, 1, mine);
                        embedding ??= mine.ToArray();
                        started.Set();
                        if (!mine.AsSpan().SequenceEqual(embedding))
                            return;
                    }
                }
                catch (ObjectDisposedException)
                {
                    embedding = mine;
                }
            });
            caller.Start();
            started.Wait(TestContext.Current.CancellationToken);
            tiny.Session.Dispose();
            Assert.True(caller.Join(TimeSpan.FromSeconds(30)));
            tiny.Session.Dispose();
            Assert.Throws<ObjectDisposedException>(() => tiny.Session.EncodeImages(pixels, 1, new float[10]));
            Assert.Throws<ObjectDisposedException>(() => tiny.Session.ImageProcessor);
        }
    }

    [Fact]
    public void Encoding_allocates_nothing_after_the_first_calls()
    {
        using var tiny = OpenPackage.Of(TinyPackage.Create(Config), new ClipSessionOptions { Threads = 2 });
        var (pixels, tokens, embeddings) = (TinyPackage.Pixels(Config, 8), TinyPackage.Tokens(Config, 8), new float[80]);
        Encode(10);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Encode(100);
        // Now and then a lock needs an object of its own, never a call.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 199);

        void Encode(int times)
        {
            for (var i = 0; i < times; i++)
            {
                tiny.Session.EncodeImages(pixels, 8, embeddings);
                tiny.Session.EncodeTexts(tokens, 8, embeddings);
            }
        }
    }

    [Fact]
    public void Inputs_that_do_not_fit_are_refused()
    {
        using var tiny = OpenPackage.Of(TinyPackage.Create(Config));
        var session = tiny.Session;
        session.EncodeImages([], 0, []);
        session.EncodeTexts([], 0, []);
        Assert.Throws<ArgumentException>(() => session.EncodeImages(new float[3 * 12 * 12 - 1], 1, new float[10]));
        Assert.Throws<ArgumentException>(() => session.EncodeImages(new float[3 * 12 * 12], 1, new float[9]));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.EncodeImages([], -1, []));
        Assert.Throws<ArgumentException>(() => session.EncodeTexts(new int[10], 1, new float[10]));
        foreach (var token in (int[])[-1, 50, int.MaxValue, int.MinValue])
        {
            var e = Assert.Throws<ArgumentException>(() => session.EncodeTexts([1, 2, token, 49, 49, 49, 49, 49, 49], 1, new float[10]));
            Assert.Contains("Token 2", e.Message, StringComparison.Ordinal);
        }
        foreach (var pixel in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            foreach (var at in (int[])[0, 100, 431])
            {
                var pixels = new float[3 * 12 * 12];
                pixels[at] = pixel;
                Assert.Contains($"Pixel {at}", Assert.Throws<ArgumentException>(() => session.EncodeImages(pixels, 1, new float[10])).Message, StringComparison.Ordinal);
            }
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => ClipSession.Open(tiny.Path, new ClipSessionOptions { Threads = -1 }));
    }

    [Fact]
    public void The_largest_and_the_smallest_pixels_give_an_embedding()
    {
        using var tiny = OpenPackage.Of(TinyPackage.Create(Config, scheme: TinyPackage.FeedForward));
        foreach (var value in (float[])[0, 1e-38f, 1e-45f, 1e30f, -1e38f])
        {
            var pixels = new float[3 * 12 * 12];
            Array.Fill(pixels, value);
            // Defined, if not always of use.
            _ = tiny.Images(pixels, 1);
        }
    }

    [Fact]
    public void Labels_are_ranked_by_the_similarity_of_their_captions()
    {
        var vocabulary = TrainedVocabulary.Instance;
        var config = TinyPackage.Regular() with { Text = TinyPackage.Regular().Text with { EndToken = vocabulary.Tokenizer.EndToken, VocabularySize = vocabulary.Tokenizer.VocabularySize } };
        var assets = new Dictionary<string, byte[]> { [ClipAssets.Vocabulary] = vocabulary.VocabJson, [ClipAssets.Merges] = vocabulary.MergesTxt };
        using var tiny = OpenPackage.Of(TinyPackage.Create(config, more: assets));
        var image = RandomImage.Scene(60, 50);
        string[] labels = ["dog", "cat", "red ball", "beach"];
        var ranked = tiny.Session.Classify(image, labels);
        Assert.Equal(labels.Order(), ranked.Select(r => r.Label).Order());
        Assert.Equal(1, ranked.Sum(r => r.Probability), 1e-5);
        Assert.Equal(ranked.OrderByDescending(r => r.Probability), ranked);
        var embedding = tiny.Session.EncodeImage(image);
        var logits = labels.ToDictionary(l => l, l => tiny.Session.LogitScale * Dot(embedding, tiny.Session.EncodeText($"a photo of a {l}")));
        var sum = logits.Values.Sum(v => Math.Exp(v));
        foreach (var (label, probability) in ranked)
            Assert.Equal(Math.Exp(logits[label]) / sum, probability, 1e-5);
        Assert.Equal(Math.Exp((double)(Half)2.6592), tiny.Session.LogitScale, 1e-4);
        Assert.Throws<ArgumentException>(() => { tiny.Session.Classify(image, []); });
        Assert.Throws<ArgumentException>(() => { tiny.Session.Classify(image, labels, "a photo"); });
    }

    [Fact]
    public void A_package_without_a_vocabulary_encodes_tokens_only()
    {
        using var tiny = OpenPackage.Of(TinyPackage.Create(Config));
        Assert.Null(tiny.Session.Tokenizer);
        Assert.Contains("no vocabulary", Assert.Throws<InvalidOperationException>(() => tiny.Session.EncodeText("a dog")).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => { tiny.Session.Classify(RandomImage.Noise(9, 9), ["dog"]); });
    }

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
}
