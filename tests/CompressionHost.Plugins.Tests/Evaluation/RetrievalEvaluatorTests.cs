using CompressionHost.Plugins.Evaluation;
using CompressionHost.Tensors;
using FsCheck.Xunit;

namespace CompressionHost.Plugins.Tests;

public sealed class RetrievalEvaluatorTests
{
    private static readonly RetrievalEvaluator Evaluator = new(new RetrievalOptions { RecallAt = [1, 2] });

    [Fact]
    public void Recalls_of_a_set_worked_out_by_hand()
    {
        // Similarities, images down, captions across; own captions in brackets:
        //          a0      a1      b0
        //   A   [0.6]   [0.0]    0.8
        //   B    0.8     1.0    [0.6]
        // Image to text: A's best own caption is second, B's is third. Text to image: a0 second, a1 second, b0 second.
        using var session = new FakeSession(2);
        session.Add("a0", 0.6f, 0.8f);
        session.Add("a1", 0, 1);
        session.Add("b0", 0.8f, 0.6f);
        using var data = FakeData.Captioned((["a0", "a1"], [1, 0]), (["b0"], [0, 1]));
        var result = Evaluator.Evaluate(session, data, data.Batches(1), TestContext.Current.CancellationToken);
        Assert.Equal(
            new Dictionary<string, double> { ["imageToText.r1"] = 0, ["imageToText.r2"] = 0.5, ["textToImage.r1"] = 0, ["textToImage.r2"] = 1 }, result.Metrics);
        Assert.Equal(["a0 / a1", "b0"], result.Examples.Select(e => e.Expected));
        Assert.Equal(["b0", "a0", "a1"], result.Examples[0].Predictions.Select(p => p.Text));
        // softmax of (0.8, 0.6, 0): e^0.8 = 2.2255, e^0.6 = 1.8221, 1: 2.2255 / 5.0477.
        Assert.Equal(0.440903, result.Examples[0].Predictions[0].Score, 1e-5);
    }

    [Property(MaxTest = 60)]
    public void Recalls_agree_with_a_table_of_all_similarities(int seed)
    {
        var random = new Random(seed);
        var size = random.Next(1, 20);
        var images = random.Next(1, 40);
        using var session = new FakeSession(size);
        var captions = new List<(int Image, float[] Embedding)>();
        var samples = new (string[] Texts, float[] Embedding)[images];
        for (var i = 0; i < images; i++)
        {
            // CLIP's tokenizer splits numbers into digits: without a word between, "2 11" and "21 1" would be one text.
            var texts = Enumerable.Range(0, random.Next(1, 12)).Select(t => $"caption {i} of {t}").ToArray();
            foreach (var text in texts)
            {
                captions.Add((i, Coarse()));
                session.Add(text, captions[^1].Embedding);
            }
            samples[i] = (texts, Coarse());
        }
        using var data = FakeData.Captioned(samples);
        var evaluator = new RetrievalEvaluator(new RetrievalOptions { RecallAt = [1, 3, 50] });
        var metrics = evaluator.Evaluate(session, data, data.Batches(random.Next(1, 9)), TestContext.Current.CancellationToken).Metrics;

        Assert.Equal(evaluator.Metrics.Order(), metrics.Keys.Order());
        foreach (var k in new[] { 1, 3, 50 })
        {
            var hitsOfImages = samples.Select((s, i) => Enumerable.Range(0, captions.Count).OrderByDescending(c => Product(s.Embedding, captions[c].Embedding)).ThenBy(c => c)
                .Take(k).Any(c => captions[c].Image == i)).ToArray();
            var hitsOfTexts = captions.Select(c => Enumerable.Range(0, images).OrderByDescending(i => Product(samples[i].Embedding, c.Embedding)).ThenBy(i => i)
                .Take(k).Contains(c.Image)).ToArray();
            Assert.Equal(hitsOfImages.Average(h => h ? 1.0 : 0), metrics[$"imageToText.r{k}"], 1e-12);
            Assert.Equal(hitsOfTexts.Average(h => h ? 1.0 : 0), metrics[$"textToImage.r{k}"], 1e-12);
        }

        // Small whole numbers: products are exact in any order, and ties are common.
        float[] Coarse() => [.. Enumerable.Range(0, size).Select(_ => (float)random.Next(-2, 3))];
        static float Product(float[] a, float[] b) => a.Zip(b).Sum(p => p.First * p.Second);
    }

    [Property(MaxTest = 30)]
    public void A_product_has_the_same_bits_alone_and_in_a_block(int seed)
    {
        var random = new Random(seed);
        var size = random.Next(1, 70);
        var query = Row();
        var candidates = Enumerable.Range(0, random.Next(1, 14)).Select(_ => Row()).ToArray();
        var scores = new float[candidates.Length];
        Similarity.Dots(query, candidates, scores);
        for (var c = 0; c < candidates.Length; c++)
        {
            Assert.Equal(BitConverter.SingleToInt32Bits(Similarity.Dot(candidates[c], query)), BitConverter.SingleToInt32Bits(scores[c]));
            Assert.Equal(query.Zip(candidates[c]).Sum(p => (double)p.First * p.Second), scores[c], 1e-5);
        }

        float[] Row() => [.. Enumerable.Range(0, size).Select(_ => random.NextSingle() - 0.5f)];
    }

    [Fact]
    public void Data_and_options_that_do_not_fit_are_refused_with_a_reason()
    {
        using var labelled = FakeData.Labelled(["a", "b"], [], (0, [1]));
        using var empty = FakeData.Captioned(([], [1]));
        using var partly = FakeData.Captioned((["x"], [1]), ([], [1]));
        Assert.Contains("'zero-shot'", Evaluator.WhyNot(labelled), StringComparison.Ordinal);
        Assert.Contains("none", Evaluator.WhyNot(empty), StringComparison.Ordinal);
        Assert.Null(Evaluator.WhyNot(partly));
        using var session = new FakeSession(1);
        session.Add("x", 1);
        var error = Assert.Throws<InvalidInputException>(() => Evaluator.Evaluate(session, partly, partly.Batches(2), TestContext.Current.CancellationToken));
        Assert.Equal("image 1", error.Path);
        Assert.Throws<ArgumentException>(() => new RetrievalEvaluator(new RetrievalOptions { RecallAt = [] }));
        Assert.Throws<ArgumentException>(() => new RetrievalEvaluator(new RetrievalOptions { RecallAt = [1, 0] }));
        Assert.Throws<ArgumentException>(() => new RetrievalEvaluator(new RetrievalOptions { RecallAt = [5, 5] }));
    }

    [Fact]
    public void Metrics_follow_the_options() =>
        Assert.Equal(["imageToText.r1", "imageToText.r2", "textToImage.r1", "textToImage.r2"], Evaluator.Metrics);
}
