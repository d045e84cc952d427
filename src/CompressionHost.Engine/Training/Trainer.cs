using System.Diagnostics;
using CompressionHost.Abstractions;
using CompressionHost.Recipes;
using TorchSharp;
using TorchSharp.Modules;

namespace CompressionHost.Engine;

/// <summary>
/// Minimizes an objective: quantization-aware where sites have quantizers. The state after a step depends only on the state before it and
/// the seed, so that a run continued from a checkpoint ends in the same weights.
/// </summary>
internal sealed class Trainer : IDisposable
{
    private readonly TrainingSetup _setup;
    private readonly DistillSection _section;
    private readonly TrainingSchedule _schedule;
    private readonly AdamW _optimizer;
    private readonly List<Parameter> _trained;

    public Trainer(TrainingSetup setup)
    {
        _setup = setup;
        _section = setup.Section;
        _schedule = new TrainingSchedule(_section);
        var parameters = setup.Objective.Student.Parameters
            .Concat(setup.Sites.SelectMany(s => s.StartLearning()))
            .Concat(setup.Objective.LossParameters)
            .ToList();
        _optimizer = new AdamW(_section.Optimizer, parameters);
        _trained = _optimizer.Trained.Select(p => p.Value).ToList();
        Checkpoint = new TrainingCheckpoint(parameters, _optimizer);
        setup.Objective.ComputeType = ComputeTypes.Of(_section.Precision);
    }

    /// <summary>Saves and restores this trainer.</summary>
    public TrainingCheckpoint Checkpoint { get; }

    /// <summary>Trains from the state's step to the end, or until cancelled.</summary>
    /// <param name="state">Where training stands; advanced in place.</param>
    /// <param name="advanced">Called with each new point of the curves and the estimated time left.</param>
    /// <param name="save">Called when a checkpoint is due.</param>
    /// <param name="cancellationToken">Stops after the step in progress.</param>
    /// <returns>Whether all steps were done.</returns>
    public bool Run(TrainingState state, Action<TrainingPoint, TimeSpan> advanced, Action save, CancellationToken cancellationToken)
    {
        var pointEvery = Math.Max(1, _section.Steps / 200);
        var window = new LossWindow();
        var began = Stopwatch.GetTimestamp();
        var before = state.Elapsed;
        var startStep = state.Step;
        using var batches = _setup.Objective.Batches(startStep, cancellationToken).GetEnumerator();
        while (state.Step < _section.Steps)
        {
            if (cancellationToken.IsCancellationRequested || !MoveNext(batches, cancellationToken))
                return false;
            window.Add(Step(batches.Current, state.Step));
            state.Step++;
            EngineTelemetry.TrainedSamples.Add(_section.Batch);
            var spent = Stopwatch.GetElapsedTime(began);
            state.Elapsed = before + spent;
            if (state.Step % pointEvery == 0 || state.Step == _section.Steps)
            {
                var point = window.Close(state.Step, _section.Batch, _schedule);
                state.Points.Add(point);
                advanced(point, spent / (state.Step - startStep) * (_section.Steps - state.Step));
            }
            if (state.Step == _section.Steps || (_section.CheckpointEvery is { } every && state.Step % every == 0))
                save();
        }
        return true;
    }

    public void Dispose()
    {
        foreach (var site in _setup.Sites)
            (site.Site.Override, site.Site.BiasOverride) = (null, null);
        // What is measured afterwards must not depend on the precision that training used.
        _setup.Objective.ComputeType = torch.float32;
    }

    private static bool MoveNext(IEnumerator<LossOfBatch> batches, CancellationToken cancellationToken)
    {
        try
        {
            return batches.MoveNext();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private StepResult Step(LossOfBatch lossOf, int step)
    {
        using var scope = torch.NewDisposeScope();
        var ramp = _schedule.Ramp(step);
        foreach (var site in _setup.Sites)
            site.FakeQuantize(ramp);
        torch.Tensor? total = null;
        var terms = new Dictionary<string, double>();
        foreach (var (name, weight, value) in lossOf())
        {
            terms[name] = value.item<float>();
            var weighted = value.mul(TorchScalars.Of(weight));
            total = total is null ? weighted : total.add(weighted, TorchScalars.One);
        }
        var sum = total!.item<float>();
        if (!float.IsFinite(sum))
        {
            throw new StageFailedException(
                "distil", $"the loss is {sum} at step {step + 1}. Lower distill.optimizer.lr, lengthen distill.schedule.warmup or set distill.clipGradients.");
        }
        _optimizer.ZeroGradients();
        total!.backward();
        var norm = torch.nn.utils.clip_grad_norm_(_trained, _section.ClipGradients ?? double.PositiveInfinity);
        _optimizer.Step(_schedule.LearningRate(step));
        _setup.Objective.AfterStep();
        return new StepResult(sum, terms, norm);
    }
}
