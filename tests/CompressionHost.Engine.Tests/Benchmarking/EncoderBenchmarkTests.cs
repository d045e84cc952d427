using CompressionHost.Tensors;

namespace CompressionHost.Engine.Tests;

public sealed class EncoderBenchmarkTests
{
    [Theory]
    [InlineData(Tower.Image)]
    [InlineData(Tower.Text)]
    public void Times_as_many_runs_as_asked_for_after_a_warm_up(Tower tower)
    {
        var calls = 0;
        using var session = new RecordingSession(TimeSpan.FromMilliseconds(20), 1, 0) { Called = () => calls++ };
        var latency = EncoderBenchmark.Measure(session, tower, batch: 3, runs: 5, TestContext.Current.CancellationToken);
        Assert.Equal(5, latency.Runs);
        Assert.True(calls >= 7, "nothing was warmed up");
        Assert.InRange(latency.P10Ms, 19, latency.MedianMs);
        Assert.InRange(latency.P90Ms, latency.MedianMs, double.MaxValue);
        Assert.Single(session.Inputs);
    }

    [Fact]
    public void A_slow_encoder_is_timed_a_few_times_all_the_same()
    {
        using var session = new RecordingSession(TimeSpan.FromMilliseconds(450), 1);
        Assert.InRange(EncoderBenchmark.Measure(session, Tower.Image, 1, cancellationToken: TestContext.Current.CancellationToken).Runs, 7, 8);
    }

    [Fact]
    public void Every_session_gets_the_same_inputs()
    {
        using var first = new RecordingSession(TimeSpan.Zero, 1, 0);
        using var second = new RecordingSession(TimeSpan.Zero, 0, 1);
        foreach (var tower in Towers.All)
            PairedComparison.Measure([first, second], tower, 2, 3, TestContext.Current.CancellationToken);
        Assert.Equal(2, first.Inputs.Count);
        Assert.Equal(first.Inputs, second.Inputs);
    }

    [Fact]
    public void Ratios_are_to_the_first_and_the_embeddings_are_compared()
    {
        using var fast = new RecordingSession(TimeSpan.FromMilliseconds(20), 3, 4);
        using var slow = new RecordingSession(TimeSpan.FromMilliseconds(80), 8, 6);
        var results = PairedComparison.Measure([fast, slow], Tower.Text, 2, 5, TestContext.Current.CancellationToken);
        Assert.All(results[0].Ratios, ratio => Assert.Equal(1, ratio));
        Assert.Equal(5, results[1].Ratios.Count);
        Assert.InRange(results[1].Ratio, 2, 4.5);
        Assert.Equal(1, results[0].Cosine, 9);
        Assert.Equal((3 * 8 + 4 * 6) / 50.0, results[1].Cosine, 9);
    }

    [Fact]
    public void Each_round_begins_with_another_contender()
    {
        var order = new List<int>();
        RecordingSession Contender(int number) => new(TimeSpan.FromMilliseconds(100), 1) { Called = () => order.Add(number) };
        using var a = Contender(0);
        using var b = Contender(1);
        using var c = Contender(2);
        PairedComparison.Measure([a, b, c], Tower.Image, 1, 3, TestContext.Current.CancellationToken);
        // A turn of an encoder this slow is two calls, the first of them not timed.
        Assert.Equal([0, 0, 1, 1, 2, 2, 1, 1, 2, 2, 0, 0, 2, 2, 0, 0, 1, 1], order[^18..]);
    }

    [Fact]
    public void What_cannot_be_timed_says_why()
    {
        using var mute = new RecordingSession(TimeSpan.Zero, 1) { Tokenizer = null };
        Assert.Contains("vocabulary", Assert.Throws<InvalidInputException>(
            () => EncoderBenchmark.Measure(mute, Tower.Text, 1, 1, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.Contains("time at most", Assert.Throws<InvalidInputException>(
            () => EncoderBenchmark.Measure(mute, Tower.Image, int.MaxValue, 1, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Opening_costs_time_and_memory()
    {
        var cost = EncoderBenchmark.WeighLoad(
            () =>
            {
                Thread.Sleep(30);
                return new RecordingSession(TimeSpan.FromMilliseconds(10), 1);
            },
            Tower.Image,
            batch: 2);
        Assert.Equal("recording", cost.Kernel);
        Assert.InRange(cost.LoadMs, 39, double.MaxValue);
        Assert.InRange(cost.BaselineMemoryBytes, 1 << 20, cost.PeakMemoryBytes);
    }
}
