using CompressionHost.Plugins.Evaluation;
using CompressionHost.Tensors;
using FsCheck.Xunit;

namespace CompressionHost.Plugins.Tests;

public sealed class ZeroShotEvaluatorTests
{
    private static readonly ZeroShotEvaluator Evaluator = new(new ZeroShotOptions { Templates = ["{c}"] });

    [Fact]
    public void Metrics_of_a_set_worked_out_by_hand()
    {
        // Six classes along six axes; an image's embedding is its similarities. Class a has three images, b one, the others none.
        string[] classes = ["a", "b", "c", "d", "e", "f"];
        using var session = new FakeSession(6);
        for (var i = 0; i < 6; i++)
            session.Add(classes[i], Axis(6, i));
        using var data = FakeData.Labelled(classes, [],
            (0, [0.9f, 0.1f, 0, 0, 0, 0]), // right
            (0, [0.2f, 0.9f, 0.3f, 0, 0, 0]), // third
            (0, [0.1f, 0.9f, 0.8f, 0.7f, 0.6f, 0.5f]), // last: not among five
            (1, [0, 0.5f, 0.1f, 0, 0, 0])); // right
        var result = Evaluator.Evaluate(session, data, data.Batches(3), TestContext.Current.CancellationToken);
        Assert.Equal(2 / 4.0, result.Metrics["top1"]);
        Assert.Equal(3 / 4.0, result.Metrics["top5"]);
        Assert.Equal((1 / 3.0 + 1) / 2, result.Metrics["meanPerClassRecall"], 1e-12);
        Assert.Equal(Evaluator.Metrics, result.Metrics.Keys);
    }

    [Fact]
    public void A_class_is_the_normalized_mean_of_its_prompts()
    {
        // Class x: (1, 0) and (0.6, 0.8) have the mean (0.8, 0.4), normalized (0.894, 0.447); class y: (0, 1) and (0, 1).
        // The image (0.8, 0.6) is at 0.98387 to x and 0.6 to y; the logit scale of 10 gives 1 / (1 + e^-3.8387) = 0.978939.
        using var session = new FakeSession(2) { LogitScale = 10 };
        session.Add("photo of x", 1, 0);
        session.Add("drawing of x", 0.6f, 0.8f);
        session.Add("photo of y", 0, 1);
        session.Add("drawing of y", 0, 1);
        using var data = FakeData.Labelled(["x", "y"], ["photo of {c}", "drawing of {c}"], (0, [0.8f, 0.6f]));
        var result = new ZeroShotEvaluator(new ZeroShotOptions()).Evaluate(session, data, data.Batches(1), TestContext.Current.CancellationToken);
        var example = Assert.Single(result.Examples);
        Assert.Equal(("image 0", "x"), (example.Origin, example.Expected));
        Assert.Equal(["x", "y"], example.Predictions.Select(p => p.Text));
        Assert.Equal(0.978939, example.Predictions[0].Score, 1e-5);
        Assert.Equal(1, example.Predictions.Sum(p => p.Score), 1e-12);
    }

    [Fact]
    public void Of_equally_similar_classes_the_first_wins()
    {
        using var session = new FakeSession(2);
        session.Add("a", 1, 0);
        session.Add("b", 1, 0);
        using var data = FakeData.Labelled(["a", "b"], [], (0, [1, 0]), (1, [1, 0]));
        var result = Evaluator.Evaluate(session, data, data.Batches(2), TestContext.Current.CancellationToken);
        Assert.Equal(0.5, result.Metrics["top1"]);
        Assert.Equal(1, result.Metrics["top5"]);
        Assert.All(result.Examples, e => Assert.Equal(["a", "b"], e.Predictions.Select(p => p.Text)));
    }

    [Fact]
    public void Examples_are_spread_over_the_set()
    {
        using var session = new FakeSession(2);
        session.Add("a", 1, 0);
        session.Add("b", 0, 1);
        using var data = FakeData.Labelled(["a", "b"], [], [.. Enumerable.Range(0, 100).Select(i => (0, new[] { 1f, 0 }))]);
        var result = Evaluator.Evaluate(session, data, data.Batches(7), TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 16).Select(i => $"image {i * 100 / 16}"), result.Examples.Select(e => e.Origin));
    }

    [Property(MaxTest = 50)]
    public void Metrics_agree_with_sorting_all_classes(int seed)
    {
        var random = new Random(seed);
        var count = random.Next(2, 12);
        var classes = Enumerable.Range(0, count).Select(i => "c" + i).ToArray();
        using var session = new FakeSession(5);
        // Few different values, so that ties are common; axes, so that normalization changes nothing.
        var axes = classes.Select(_ => random.Next(5)).ToArray();
        for (var c = 0; c < count; c++)
            session.Add(classes[c], Axis(5, axes[c]));
        var samples = Enumerable.Range(0, 30).Select(_ => (random.Next(count), Enumerable.Range(0, 5).Select(_ => random.Next(3) / 2f).ToArray())).ToArray();
        using var data = FakeData.Labelled(classes, [], samples);
        var ranks = samples.Select(s => Enumerable.Range(0, count).OrderByDescending(c => s.Item2[axes[c]]).ThenBy(c => c).ToList().IndexOf(s.Item1)).ToArray();

        var metrics = Evaluator.Evaluate(session, data, data.Batches(random.Next(1, 9)), TestContext.Current.CancellationToken).Metrics;
        Assert.Equal(ranks.Average(r => r == 0 ? 1.0 : 0), metrics["top1"], 1e-12);
        Assert.Equal(ranks.Average(r => r < 5 ? 1.0 : 0), metrics["top5"], 1e-12);
        Assert.Equal(samples.Zip(ranks).GroupBy(s => s.First.Item1).Average(g => g.Average(s => s.Second == 0 ? 1.0 : 0)), metrics["meanPerClassRecall"], 1e-12);
    }

    [Fact]
    public void A_thousand_classes_are_encoded_in_batches()
    {
        var classes = Enumerable.Range(0, 1000).Select(i => $"class {i}").ToArray();
        using var session = new FakeSession(32);
        for (var i = 0; i < 1000; i++)
            session.Add(classes[i], Axis(32, i % 32));
        using var data = FakeData.Labelled(classes, [], (31, Axis(32, 31)));
        Assert.Equal(1, Evaluator.Evaluate(session, data, data.Batches(1), TestContext.Current.CancellationToken).Metrics["top1"]);
        Assert.Equal(64, session.LargestTextBatch);
    }

    [Fact]
    public void Data_that_does_not_fit_is_refused_with_a_reason()
    {
        using var captioned = FakeData.Captioned((["x"], [1]));
        using var single = FakeData.Labelled(["a"], [], (0, [1]));
        using var fine = FakeData.Labelled(["a", "b"], [], (0, [1]));
        using var wrong = FakeData.Labelled(["a", "b"], ["a photo"], (0, [1]));
        Assert.Contains("'retrieval'", Evaluator.WhyNot(captioned), StringComparison.Ordinal);
        Assert.Contains("'a'", Evaluator.WhyNot(single), StringComparison.Ordinal);
        Assert.Null(Evaluator.WhyNot(fine));
        Assert.Contains("'a photo'", new ZeroShotEvaluator(new ZeroShotOptions()).WhyNot(wrong), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_gives_NaN_is_an_error_and_not_a_perfect_score()
    {
        using var session = new FakeSession(2);
        session.Add("a", 1, 0);
        session.Add("b", 0, 1);
        using var data = FakeData.Labelled(["a", "b"], [], (0, [float.NaN, 0]));
        Assert.Contains("image 0", Fails(session, data), StringComparison.Ordinal);
        session.Add("b", float.NaN, 1);
        Assert.Contains("'b'", Fails(session, data), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_vocabulary_an_empty_set_and_a_wrong_label_are_errors()
    {
        using var mute = new FakeSession(2) { Tokenizer = null };
        using var session = new FakeSession(2);
        session.Add("a", 1, 0);
        session.Add("b", 0, 1);
        using var data = FakeData.Labelled(["a", "b"], [], (2, [1, 0]));
        Assert.Contains("vocab.json", Fails(mute, data), StringComparison.Ordinal);
        Assert.Contains("label 2", Fails(session, data), StringComparison.Ordinal);
        Assert.Throws<InvalidInputException>(() => Evaluator.Evaluate(session, data, [], TestContext.Current.CancellationToken));
        Assert.Throws<OperationCanceledException>(() => Evaluator.Evaluate(session, data, data.Batches(1), new CancellationToken(true)));
    }

    internal static float[] Axis(int size, int i)
    {
        var axis = new float[size];
        axis[i] = 1;
        return axis;
    }

    private static string Fails(FakeSession session, FakeData data) =>
        Assert.Throws<InvalidInputException>(() => Evaluator.Evaluate(session, data, data.Batches(4), TestContext.Current.CancellationToken)).Message;
}
