using CompressionHost.Abstractions;
using CompressionHost.Recipes;
using CompressionHost.Tensors;
using TorchSharp;

namespace CompressionHost.Engine;

/// <summary>The stages of one run in their order, and the models they hand on.</summary>
internal sealed class RunSession(
    PreparedRun prepared, RunDirectory directory, StageRunner stages, IStageFactory factory, Action<RunEvent> report) : IDisposable
{
    private readonly Recipe _recipe = prepared.Recipe;
    private readonly List<string> _warnings = [];
    private ICompressibleModel? _teacher;
    private ICompressibleModel? _student;
    private ICompressibleModel? _untrained;
    private List<SiteQuantizer> _sites = [];
    private IReadOnlyDictionary<string, CalibratedWeight> _calibrated = new Dictionary<string, CalibratedWeight>();

    /// <summary>Runs every stage up to the gates.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; a checkpoint is on disk where training had begun.</exception>
    public RunOutcome Execute()
    {
        if (_recipe.Threads > 0)
            torch.set_num_threads(_recipe.Threads);
        torch.manual_seed(_recipe.Seed);
        if (prepared.TeacherLoader is not null)
            _teacher = stages.Run(StageNames.LoadTeacher, () => Load(prepared.TeacherLoader), Describe);
        _student = stages.Run(StageNames.DeriveStudent, DeriveStudent, Describe);
        var before = _student.Sites.ToDictionary(s => s.Name, s => WeightHistograms.Of(s.Weight), StringComparer.Ordinal);
        var sites = _sites = SitesOf(_student);
        var training = new TrainingState();
        if (_recipe.Distill is not null)
        {
            _untrained = KeepUntrained(sites);
            training = stages.Run(StageNames.Distil, () => Train(sites), t => $"{t.Step} steps, loss {t.Points[^1].Loss:0.####}");
        }
        else if (prepared.Calibrators.Count > 0)
        {
            _calibrated = stages.Run(StageNames.Calibrate, () => Calibrate(_student, sites), Describe);
        }
        var compressed = stages.Run(
            StageNames.Quantize,
            () => CompressedStudent.Of(_student, sites, _calibrated, done => report(new StageAdvanced(StageNames.Quantize, done, sites.Count))),
            _ => sites.Count == 0 ? "nothing to quantize, weights rounded to float16" : $"{sites.Count} weights");
        var packages = _recipe.Pack.Count == 0 ? [] : stages.Run(
            StageNames.Pack, () => PackageWriter.Write(prepared, compressed.Model, directory, stages.CancellationToken),
            p => string.Join(", ", p.Select(x => $"{x.Packer} {x.Bytes:N0} bytes")));
        if (_untrained is not null && prepared.Calibrators.Count > 0)
            _calibrated = stages.Run(StageNames.Calibrate, () => Calibrate(_untrained, SitesOf(_untrained)), Describe);
        IReadOnlyList<ModelEvaluation> evaluations = _recipe.Evaluate.Count == 0 ? [] : stages.Run(
            StageNames.Evaluate, () => Evaluate(sites, compressed.Model), e => string.Join(", ", e.Select(x => x.Prefix)));
        IReadOnlyList<LatencySummary> latencies = _recipe.Benchmark.Count == 0 ? [] : stages.Run(
            StageNames.Benchmark, () => Benchmark(packages), l => $"{l.Count} timings");
        var outcome = new RunOutcome(compressed, sites, before, training, packages, evaluations, latencies, _warnings, Label(sites));
        outcome.Gates = _recipe.Gates.Count == 0 ? [] : stages.Run(
            StageNames.Gate, () => GateChecker.Check(_recipe.Gates, outcome.Metrics(prepared)), g => $"{g.Count(x => x.Held)} of {g.Count} hold");
        return outcome;
    }

    public void Dispose()
    {
        _sites.ForEach(s => s.Dispose());
        _student?.Dispose();
        if (!ReferenceEquals(_teacher, _student))
            _teacher?.Dispose();
        if (!ReferenceEquals(_untrained, _teacher))
            _untrained?.Dispose();
    }

    private static string Describe(ICompressibleModel model) =>
        $"{model.Architecture}, {model.Parameters.Sum(p => p.Value.numel()) / 1e6:0.00} M parameters";

    private static string Describe(IReadOnlyDictionary<string, CalibratedWeight> calibrated)
    {
        var errors = calibrated.Values.Select(c => c.OutputError).OfType<double>().ToList();
        return $"{calibrated.Count} weights{(errors.Count == 0 ? "" : $", median output error {Quantiles.Of(errors, 0.5):0.####}")}";
    }

    private ICompressibleModel Load(ITeacherLoader loader)
    {
        var texts = _recipe.Distill is { } distill ? prepared.Data[distill.Data].Texts() : [];
        var context = new ModelLoadContext(_recipe.Seed, texts) { Progress = new DownloadReports(report) };
        return loader.Load(context, stages.CancellationToken);
    }

    private ICompressibleModel DeriveStudent()
    {
        if (prepared.StudentLoader is not null)
            return Load(prepared.StudentLoader);
        // Nobody looks at the teacher again: its weights become the student's without a second copy.
        return _recipe.Distill is null && _recipe.Evaluate.Count == 0 ? _teacher! : _teacher!.Clone();
    }

    private List<SiteQuantizer> SitesOf(ICompressibleModel model) =>
        [.. model.Sites.Where(s => prepared.Quantizers.ContainsKey(s.Name)).Select(s => new SiteQuantizer(s, prepared.Quantizers[s.Name].Quantizer))];

    /// <summary>The weights before training, for the figure of what the same rules give without it.</summary>
    private ICompressibleModel? KeepUntrained(List<SiteQuantizer> sites)
    {
        if (sites.Count == 0 || !PlanBuilder.MeasuresUntrained(_recipe, prepared.Plan.Model))
            return null;
        if (prepared.StudentLoader is not null)
            return _student!.Clone();
        // Where outputs are compared with the teacher's, both have to be there with weights of their own; scaling inputs rewrites weights.
        return prepared.Evaluators.Any(e => e.Evaluator is ITensorEvaluator { NeedsTeacher: true }) || prepared.Calibrators.Values.Any(c => c.Calibrator is IInputScaler)
            ? _teacher!.Clone()
            : _teacher;
    }

    private IReadOnlyDictionary<string, CalibratedWeight> Calibrate(ICompressibleModel model, List<SiteQuantizer> sites)
    {
        var opened = new Dictionary<CalibrationKey, CalibrationSamples>();
        CalibrationSamples Open(CalibrationKey key)
        {
            if (!opened.TryGetValue(key, out var samples))
                opened.Add(key, samples = new CalibrationSamples(prepared.Data[key.Data], key.Count, _recipe.Seed));
            return samples;
        }
        var done = 0;
        using var calibration = new ModelCalibration(model, sites, prepared.Calibrators, Open, stages.CancellationToken);
        var result = calibration.Run((name, weight) =>
        {
            report(new SiteCalibrated(name, weight.OutputError, weight.NearestOutputError));
            report(new StageAdvanced(StageNames.Calibrate, ++done, prepared.Calibrators.Count));
        });
        foreach (var (key, samples) in opened)
            Warn(key.Data, samples.Broken);
        return result;
    }

    private TrainingState Train(List<SiteQuantizer> sites)
    {
        var section = _recipe.Distill!;
        var objective = ObjectiveFactory.Create(_recipe, _student!, _teacher, prepared.Data[section.Data], factory);
        using var trainer = new Trainer(new TrainingSetup(objective, sites, section));
        var state = new TrainingState();
        if (TrainingCheckpoint.Newest(directory.Checkpoints) is { } newest)
            state = trainer.Checkpoint.Restore(newest);
        void Save()
        {
            report(new CheckpointSaved(trainer.Checkpoint.Save(directory.Checkpoints, state), state.Step));
            EngineTelemetry.Checkpoints.Add(1);
        }
        var done = trainer.Run(
            state,
            (point, remaining) => report(new TrainingAdvanced(point, section.Steps, remaining, ProcessMemory.CurrentBytes())),
            Save,
            stages.CancellationToken);
        if (!done)
        {
            Save();
            throw new OperationCanceledException(stages.CancellationToken);
        }
        Warn(section.Data, objective.Broken);
        return state;
    }

    private List<ModelEvaluation> Evaluate(List<SiteQuantizer> sites, CompressedModel compressed)
    {
        var evaluator = new RunEvaluator(prepared, report);
        var results = new List<ModelEvaluation>();
        if (_teacher is not null)
            results.Add(new ModelEvaluation("teacher", evaluator.Evaluate(_teacher, _teacher, "teacher", stages.CancellationToken)));
        if (_untrained is not null)
        {
            var quantized = SitesOf(_untrained)
                .Select(s => (s.Site, _calibrated.TryGetValue(s.Site.Name, out var chosen) ? chosen.Weight : s.Quantize(), s.FoldedBias()))
                .ToList();
            using var view = new QuantizedView(quantized);
            results.Add(new ModelEvaluation("ptq", evaluator.Evaluate(_untrained, _teacher, "ptq", stages.CancellationToken)));
        }
        var codes = compressed.Tensors.Where(t => t.Quantized is not null).ToDictionary(t => t.Name, t => t.Quantized!, StringComparer.Ordinal);
        using (new QuantizedView(sites.Select(s => (s.Site, codes[s.Site.Name], (torch.Tensor?)null))))
            results.Add(new ModelEvaluation("student", evaluator.Evaluate(_student!, _teacher, "student", stages.CancellationToken)));
        foreach (var result in results[^1].Results)
            Warn(result.Entry.Data, result.Broken);
        return results;
    }

    private IReadOnlyList<LatencySummary> Benchmark(IReadOnlyList<PackageSummary> packages) => BackendBenchmark.Run(
        _recipe.Benchmark, factory, packages, directory, l => report(new MetricMeasured(l.Metric, l.Latency.MedianMs)), stages.CancellationToken);

    private string Label(List<SiteQuantizer> sites) =>
        sites.Count == 0 ? "trained" : _recipe.Distill is null ? "PTQ" : "QAT";

    private void Warn(string data, BrokenSamples broken)
    {
        if (broken.Count == 0)
            return;
        var message = $"data '{data}': {broken.Count} unreadable samples were skipped: {string.Join(", ", broken.First)}{(broken.Count > broken.First.Count ? ", ..." : "")}";
        _warnings.Add(message);
        report(new WarningRaised(message));
    }
}
