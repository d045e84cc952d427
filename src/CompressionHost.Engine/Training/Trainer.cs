using System.Diagnostics;
using CompressionHost.Abstractions;
using CompressionHost.Recipes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch.nn.functional;

namespace CompressionHost.Engine;

/// <summary>
/// Trains an image-text model: quantization-aware where sites have quantizers, with distillation where there is a teacher. The state
/// after a step depends only on the state before it and the seed, so that a run continued from a checkpoint ends in the same weights.
/// </summary>
internal sealed class Trainer : IDisposable
{
    // CLIP keeps the logit scale at 100 at most (Radford et al., arXiv 2103.00020, section 2.5).
    private static readonly double MaxLogitScale = Math.Log(100);

    private readonly TrainingSetup _setup;
    private readonly DistillSection _section;
    private readonly TrainingSchedule _schedule;
    private readonly AdamW _optimizer;
    private readonly TeacherEmbeddings? _teacher;
    private readonly List<Parameter> _trained;

    public Trainer(TrainingSetup setup)
    {
        _setup = setup;
        _section = setup.Section;
        _schedule = new TrainingSchedule(_section);
        var parameters = setup.Student.Parameters
            .Concat(setup.Sites.SelectMany(s => s.StartLearning()))
            .Concat(setup.Losses.SelectMany(l => l.Parameters.Select(p => ($"loss.{l.Name}.{p.Name}", p.Value))))
            .ToList();
        _optimizer = new AdamW(_section.Optimizer, parameters);
        _trained = _optimizer.Trained.Select(p => p.Value).ToList();
        Checkpoint = new TrainingCheckpoint(parameters, _optimizer);
        var fixedImages = _section.Augment.Flip.Fraction == 0 && _section.Augment.CropArea.Fraction >= 1;
        // Within the first epoch no image does, and a batch is encoded faster than its images one by one.
        var comeAgain = (long)_section.Steps * _section.Batch > setup.Loader.Count;
        _teacher = setup.Teacher is null ? null : new TeacherEmbeddings(setup.Teacher, keepsImages: fixedImages && comeAgain);
        Compute(_section.Precision == ComputePrecision.Bfloat16 ? torch.bfloat16 : torch.float32);
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
        using var batches = _setup.Loader
            .Shuffled(_section.Batch, _setup.Seed, _section.Augment, startStep, cancellationToken)
            .GetEnumerator();
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
        Compute(torch.float32);
    }

    private void Compute(torch.ScalarType type)
    {
        _setup.Student.ComputeType = type;
        if (_setup.Teacher is not null)
            _setup.Teacher.ComputeType = type;
    }

    private static bool MoveNext(IEnumerator<TrainingBatch> batches, CancellationToken cancellationToken)
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

    private StepResult Step(TrainingBatch batch, int step)
    {
        using var scope = torch.NewDisposeScope();
        var ramp = _schedule.Ramp(step);
        foreach (var site in _setup.Sites)
            site.FakeQuantize(ramp);
        var inputs = Forward(batch);
        torch.Tensor? total = null;
        var terms = new Dictionary<string, double>(_setup.Losses.Count);
        foreach (var loss in _setup.Losses)
        {
            var value = loss.Loss.Compute(inputs);
            terms[loss.Name] = value.item<float>();
            var weighted = value.mul(TorchScalars.Of(loss.Weight));
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
        using (torch.no_grad())
            _setup.Student.LogitScale.clamp_(max: TorchScalars.Of(MaxLogitScale));
        return new StepResult(sum, terms, norm);
    }

    private LossInputs Forward(TrainingBatch batch)
    {
        var student = _setup.Student;
        var size = student.ImageProcessor.Size;
        var pixels = torch.tensor(batch.Pixels, [batch.Texts.Count, 3, size, size]);
        var tokens = TokenBatch.Of(batch.Texts);
        var ids = TokenBatch.Tokenize(TokenBatch.TokenizerOf(student), tokens.Distinct, student.ContextLength);
        var images = normalize(student.EncodeImages(pixels), p: 2, dim: -1);
        var texts = normalize(student.EncodeTexts(ids), p: 2, dim: -1).index_select(0, tokens.Ids);
        return new LossInputs(
            images, texts, student.LogitScale.exp(),
            _teacher?.Images(pixels, batch.Indices), _teacher?.Texts(tokens.Distinct).index_select(0, tokens.Ids), _teacher?.LogitScale(),
            tokens.Ids);
    }
}
