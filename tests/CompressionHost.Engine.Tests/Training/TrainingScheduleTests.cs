using CompressionHost.Abstractions;
using CompressionHost.Recipes;

namespace CompressionHost.Engine.Tests;

public sealed class TrainingScheduleTests
{
    [Fact]
    public void Warmup_rises_to_the_peak_and_the_cosine_falls_to_the_floor()
    {
        var schedule = Schedule(steps: 100, warmup: Extent.OfRun(0.1), floor: 0.25);
        Assert.Equal(0.1, schedule.LearningRate(0), 12);
        Assert.Equal(1.0, schedule.LearningRate(9), 12);
        Assert.Equal(1.0, schedule.LearningRate(10), 12);
        // Half-way through the cosine the rate is half-way between peak and floor.
        Assert.Equal((1 + 0.25) / 2, schedule.LearningRate(55), 12);
        var rates = Enumerable.Range(10, 90).Select(schedule.LearningRate).ToList();
        Assert.Equal(rates.OrderDescending(), rates);
        Assert.InRange(rates[^1], 0.25, 0.26);
    }

    [Fact]
    public void A_constant_schedule_stays_at_the_peak_after_the_warmup()
    {
        var schedule = new TrainingSchedule(Section(100, Extent.OfSteps(5)) with { Schedule = new ScheduleOptions { Use = "constant", Warmup = Extent.OfSteps(5) } });
        Assert.Equal(0.2, schedule.LearningRate(0), 12);
        Assert.All(Enumerable.Range(5, 95), s => Assert.Equal(1.0, schedule.LearningRate(s)));
    }

    [Fact]
    public void The_ramp_rises_strictly_and_ends_at_one()
    {
        var schedule = new TrainingSchedule(Section(100, Extent.OfRun(0)) with { Ramp = Extent.OfRun(0.2) });
        var ramp = Enumerable.Range(0, 100).Select(schedule.Ramp).ToList();
        Assert.True(ramp[0] > 0);
        Assert.All(Enumerable.Range(1, 20), i => Assert.True(ramp[i] > ramp[i - 1]));
        Assert.All(ramp.Skip(20), r => Assert.Equal(1.0, r));
    }

    [Fact]
    public void Without_a_ramp_weights_are_fully_quantized_from_the_first_step() =>
        Assert.Equal(1.0, new TrainingSchedule(Section(10, Extent.OfRun(0))).Ramp(0));

    private static TrainingSchedule Schedule(int steps, Extent warmup, double floor) =>
        new(Section(steps, warmup) with { Schedule = new ScheduleOptions { Warmup = warmup, Floor = floor } });

    private static DistillSection Section(int steps, Extent warmup) => new()
    {
        Steps = steps,
        Optimizer = new OptimizerOptions { Lr = 1 },
        Schedule = new ScheduleOptions { Warmup = warmup },
    };
}
