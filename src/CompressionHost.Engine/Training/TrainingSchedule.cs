using CompressionHost.Recipes;

namespace CompressionHost.Engine;

/// <summary>Learning rate and quantization ramp as functions of the step, so that a resumed run continues the same curves.</summary>
internal sealed class TrainingSchedule(DistillSection section)
{
    private readonly int _warmup = section.Schedule.Warmup.Steps(section.Steps);
    private readonly int _ramp = section.Ramp.Steps(section.Steps);

    /// <summary>Learning rate of a step, from 0: a linear rise over the warmup, then a cosine to the floor or a constant.</summary>
    public double LearningRate(int step)
    {
        var peak = section.Optimizer.Lr;
        if (step < _warmup)
            return peak * (step + 1) / _warmup;
        if (section.Schedule.Use == "constant")
            return peak;
        var progress = (double)(step - _warmup) / Math.Max(1, section.Steps - _warmup);
        var floor = section.Schedule.Floor;
        return peak * (floor + (1 - floor) * 0.5 * (1 + Math.Cos(Math.PI * progress)));
    }

    /// <summary>lambda of w + lambda (Q(w) - w): rises linearly over the ramp, then 1.</summary>
    public double Ramp(int step) => step >= _ramp ? 1 : (double)(step + 1) / (_ramp + 1);
}
