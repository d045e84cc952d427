using System.Diagnostics;
using CompressionHost.Abstractions;
using CompressionHost.Recipes;
using TorchSharp.Modules;

namespace CompressionHost.Engine;

/// <summary>What a trainer works with.</summary>
/// <param name="Objective">The model, the data and the losses.</param>
/// <param name="Sites">The student's sites that are quantized, with their quantizers; empty trains in full precision.</param>
/// <param name="Section">The recipe's section.</param>
internal sealed record TrainingSetup(ITrainingObjective Objective, IReadOnlyList<SiteQuantizer> Sites, DistillSection Section);

/// <summary>A term of the loss of an image-text model.</summary>
/// <param name="Name">Its stage name.</param>
/// <param name="Loss">The loss.</param>
/// <param name="Weight">Factor on its value.</param>
/// <param name="Parameters">Parameters of its own that are trained too.</param>
internal sealed record TrainingLoss(string Name, IDistillationLoss Loss, double Weight, IReadOnlyList<(string Name, Parameter Value)> Parameters);

/// <summary>What one step gave.</summary>
internal readonly record struct StepResult(double Loss, IReadOnlyDictionary<string, double> Terms, double GradientNorm);

/// <summary>Means over the steps since the last point of the curves.</summary>
internal sealed class LossWindow
{
    private readonly Dictionary<string, double> _terms = [];
    private double _loss;
    private double _norm;
    private int _steps;
    private long _began = Stopwatch.GetTimestamp();

    public void Add(StepResult step)
    {
        _loss += step.Loss;
        _norm += step.GradientNorm;
        foreach (var (name, value) in step.Terms)
            _terms[name] = _terms.GetValueOrDefault(name) + value;
        _steps++;
    }

    /// <summary>The point at that step; the window starts anew.</summary>
    public TrainingPoint Close(int step, int batch, TrainingSchedule schedule)
    {
        var seconds = Math.Max(1e-9, Stopwatch.GetElapsedTime(_began).TotalSeconds);
        var point = new TrainingPoint(
            step, _loss / _steps, _terms.ToDictionary(t => t.Key, t => t.Value / _steps),
            schedule.LearningRate(step - 1), schedule.Ramp(step - 1), _norm / _steps, _steps * batch / seconds);
        _terms.Clear();
        (_loss, _norm, _steps, _began) = (0, 0, 0, Stopwatch.GetTimestamp());
        return point;
    }
}
