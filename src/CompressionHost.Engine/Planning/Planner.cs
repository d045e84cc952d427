using CompressionHost.Abstractions;
using CompressionHost.Recipes;
using CompressionHost.Tensors;

namespace CompressionHost.Engine;

/// <summary>Checks a recipe against its model and data, from headers alone, and says what a run would do.</summary>
public sealed class Planner
{
    private readonly IStageFactory _stages;
    private readonly IPluginCatalog _plugins;

    internal Planner(IStageFactory stages, IPluginCatalog plugins) => (_stages, _plugins) = (stages, plugins);

    /// <summary>Plans a run. Reads headers and indexes data, loads no weights and decodes no image.</summary>
    /// <exception cref="RecipeException">A rule matches no weight, a file is missing, data does not suit its evaluator: every fault at its place.</exception>
    /// <exception cref="StageFailedException">A checkpoint or data set exists but is malformed.</exception>
    /// <exception cref="PluginLoadException">A plugin the recipe asks for is not loaded, or in another version.</exception>
    public Plan Plan(Recipe recipe)
    {
        using var prepared = Prepare(recipe);
        return prepared.Plan;
    }

    /// <summary>Checks everything and keeps what was opened.</summary>
    internal PreparedRun Prepare(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        PluginRequirements.Check(recipe.Plugins, _plugins.Plugins);
        var faults = new List<Diagnostic>();
        var teacherLoader = Build<ITeacherLoader>(recipe.Teacher);
        var studentLoader = Build<ITeacherLoader>(recipe.Student);
        var teacher = Attempt(recipe.Teacher?.Span, "teacher", faults, () => teacherLoader?.ReadHeader());
        var student = Attempt(recipe.Student?.Span, "student", faults, () => studentLoader?.ReadHeader());
        var compressed = recipe.Student is null ? teacher : student;
        var data = new Dictionary<string, IDataSet>(StringComparer.Ordinal);
        try
        {
            foreach (var (name, use) in recipe.Data)
            {
                if (Attempt(use.Span, $"data '{name}'", faults, () => _stages.Create<IDataSource>(use).Open()) is { } opened)
                    data.Add(name, opened);
            }
            if (compressed is not null)
                faults.AddRange(RuleChecker.Check(recipe, SiteNames(compressed)));
            var evaluators = recipe.Evaluate.Select(e => (e, _stages.Create<IEvaluator>(e.Evaluator))).ToList();
            foreach (var (entry, evaluator) in evaluators)
            {
                if (compressed is not null && EvaluatorFault(recipe, compressed, evaluator) is { } unfit)
                    faults.Add(new Diagnostic(entry.Evaluator.Span, DiagnosticCodes.EvaluatorDoesNotSuit, $"'{entry.Name}' cannot measure this model: {unfit}"));
                else if (data.TryGetValue(entry.Data, out var set) && evaluator.WhyNot(set) is { } reason)
                    faults.Add(new Diagnostic(entry.Evaluator.Span, DiagnosticCodes.DataDoesNotSuit, $"data '{entry.Data}' does not suit '{entry.Name}': {reason}"));
            }
            if (compressed is not null)
                faults.AddRange(LossChecker.Check(recipe, compressed, data, _stages));
            faults.AddRange(CalibrationFaults(recipe, data));
            faults.AddRange(BenchmarkFaults(recipe));
            if (faults.Count > 0)
                throw new RecipeException(faults);
            var quantizers = Quantizers(recipe, SiteNames(compressed!));
            faults.AddRange(OutputBiasChecker.Check(recipe, compressed!, quantizers));
            if (faults.Count > 0)
                throw new RecipeException(faults);
            var packers = recipe.Pack.Select(p => (p.Stage.Name, _stages.Create<IPacker>(p))).ToList();
            return new PreparedRun
            {
                Recipe = recipe,
                Plan = PlanBuilder.Build(recipe, compressed!, recipe.Student is null ? null : teacher, quantizers, packers.Select(p => p.Item2).FirstOrDefault()),
                TeacherLoader = teacherLoader,
                StudentLoader = studentLoader,
                Headers = [.. new[] { teacher, student }.OfType<ModelHeader>()],
                Quantizers = quantizers,
                Calibrators = Calibrators(recipe, quantizers.Keys),
                Data = data,
                Evaluators = evaluators,
                Packers = packers,
            };
        }
        catch
        {
            foreach (var set in data.Values)
                set.Dispose();
            throw;
        }
    }

    private static string? EvaluatorFault(Recipe recipe, ModelHeader model, IEvaluator evaluator) => evaluator switch
    {
        ITensorEvaluator { NeedsTeacher: true } when recipe.Teacher is null => "it compares with a teacher, and the recipe has none",
        not ITensorEvaluator when !model.IsImageText => $"it needs encoders of images and texts, which architecture '{model.Architecture}' has not; 'agreement' compares any model with its teacher",
        _ => null,
    };

    private static IEnumerable<Diagnostic> CalibrationFaults(Recipe recipe, Dictionary<string, IDataSet> data)
    {
        foreach (var entry in recipe.Quantize.Select(r => r.Calibrate).OfType<CalibrateEntry>())
        {
            if (entry.Data is { } name && data.TryGetValue(name, out var set) && set.Count < entry.Samples)
                yield return new Diagnostic(entry.Calibrator.Span, DiagnosticCodes.DataDoesNotSuit, $"data '{name}' has {set.Count} samples and the calibration asks for {entry.Samples}; set 'samples: {set.Count}' or less");
        }
    }

    private IEnumerable<Diagnostic> BenchmarkFaults(Recipe recipe)
    {
        foreach (var backend in recipe.Benchmark.Select(e => e.Backend))
        {
            var reason = recipe.Pack.Count == 0
                ? "it times a package, and 'pack' writes none; add 'pack: [{ use: native }]'"
                : _stages.Create<IHardwareBackend>(backend).WhyNotHere();
            if (reason is not null)
                yield return new Diagnostic(backend.Span, DiagnosticCodes.BenchmarkImpossible, $"'{backend.Stage.Name}' cannot be timed: {reason}");
        }
    }

    private static List<string> SiteNames(ModelHeader model) => [.. model.Tensors.Where(t => t.Site is not null).Select(t => t.Name)];

    /// <summary>
    /// A missing file that the recipe names and options that no file can be blamed for are faults of the recipe, at its place; a malformed file is
    /// a stage that failed, and so is a folder that lacks one of its own files: the stage blames the folder.
    /// </summary>
    private static T? Attempt<T>(SourceSpan? span, string stage, List<Diagnostic> faults, Func<T?> open)
        where T : class
    {
        try
        {
            return open();
        }
        catch (InvalidInputException e) when (span is { } place && e.Path is { } path && Path.IsPathFullyQualified(path) && !Path.Exists(path))
        {
            faults.Add(new Diagnostic(place, DiagnosticCodes.InputMissing, e.Message));
            return null;
        }
        catch (InvalidInputException e) when (span is { } place && e.Path is null)
        {
            faults.Add(new Diagnostic(place, DiagnosticCodes.OptionsDoNotSuit, e.Message));
            return null;
        }
        catch (InvalidInputException e)
        {
            throw new StageFailedException(stage, e.Message, e);
        }
    }

    private T? Build<T>(StageUse? use)
        where T : class => use is null ? null : _stages.Create<T>(use);

    private Dictionary<string, (string Rule, IQuantizer Quantizer)> Quantizers(Recipe recipe, IEnumerable<string> sites)
    {
        var built = recipe.Quantize
            .Where(r => r.Quantizer is not null)
            .ToDictionary(r => r, r => _stages.Create<IQuantizer>(r.Quantizer!), ReferenceEqualityComparer.Instance as IEqualityComparer<QuantizeRule>);
        var result = new Dictionary<string, (string, IQuantizer)>(StringComparer.Ordinal);
        foreach (var site in sites)
        {
            if (RuleMatcher.Match(recipe.Quantize, site) is { Quantizer: not null } rule)
                result.Add(site, (PlanBuilder.Text(rule), built[rule]));
        }
        return result;
    }

    private Dictionary<string, SiteCalibrator> Calibrators(Recipe recipe, IEnumerable<string> sites)
    {
        var built = recipe.Quantize
            .Where(r => r.Calibrate is not null)
            .ToDictionary(r => r, r => Build(r.Calibrate!), ReferenceEqualityComparer.Instance as IEqualityComparer<QuantizeRule>);
        return sites
            .Select(s => (Site: s, Rule: RuleMatcher.Match(recipe.Quantize, s)!))
            .Where(s => s.Rule.Calibrate is not null)
            .ToDictionary(s => s.Site, s => built[s.Rule], StringComparer.Ordinal);

        SiteCalibrator Build(CalibrateEntry entry)
        {
            var calibrator = _stages.Create<ICalibrator>(entry.Calibrator);
            return new SiteCalibrator(calibrator, calibrator.NeedsInputs ? new CalibrationKey(entry.Data!, entry.Samples) : null);
        }
    }
}
