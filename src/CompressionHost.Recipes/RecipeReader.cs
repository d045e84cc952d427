using CompressionHost.Abstractions;

namespace CompressionHost.Recipes;

/// <summary>
/// Reads recipes: file -> <c>extends</c> -> <c>--set</c> -> variables -> options of stages -> checks between sections.
/// Nothing in a file makes it throw; every fault becomes a diagnostic with its place, and all are found in one reading.
/// </summary>
/// <param name="catalog">The stages that recipes can name.</param>
/// <param name="metricsOf">The metrics an evaluator gives; null to accept any metric under an evaluator's name.</param>
/// <param name="lossNeedsTeacher">Whether a loss needs a teacher; null not to check.</param>
/// <param name="calibratorNeedsInputs">Whether a calibrator looks at the inputs of layers; null not to check.</param>
public sealed class RecipeReader(
    IStageCatalog catalog, Func<StageUse, IReadOnlyList<string>>? metricsOf = null, Func<StageUse, bool>? lossNeedsTeacher = null,
    Func<StageUse, bool>? calibratorNeedsInputs = null)
{
    // What only seems to be missing when a file that might have it could not be read.
    private static readonly string[] NeedsEverything =
    [
        DiagnosticCodes.MissingKey, DiagnosticCodes.UnsetVariable, DiagnosticCodes.UnusedVariable, DiagnosticCodes.UnknownData, DiagnosticCodes.UnusedData,
        DiagnosticCodes.TeacherRequired, DiagnosticCodes.UnknownMetric, DiagnosticCodes.NoTeacherMetric,
    ];

    /// <summary>Reads and validates a recipe.</summary>
    /// <param name="path">Path of the recipe.</param>
    /// <param name="sets">Values of <c>--set</c>, each <c>KEY=VALUE</c>; later ones win.</param>
    public RecipeResult Read(string path, IReadOnlyList<string> sets)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(sets);
        var bag = new DiagnosticBag();
        if (Composition.Compose(path, sets, bag) is not { } composition)
            return new RecipeResult(null, bag.Sorted([path]));
        // Resolved without `variables` itself: what nothing refers to need not make sense.
        var root = (MapNode)new VariableResolver(composition.Variables, bag).Resolve(composition.Merged.Without("variables"));
        var binder = new RecipeBinder(catalog, bag);
        var bound = binder.Bind(composition.Variables is null && composition.Merged.Find("variables") is { } odd ? root.With(odd) : root);
        new ReferenceChecker(bag, lossNeedsTeacher).Check(bound);
        new CalibrationChecker(bag, calibratorNeedsInputs).Check(bound);
        new GateChecker(bag, metricsOf).Check(bound);
        new UnusedChecker(composition, bag).Check(root);
        var diagnostics = bag.Sorted(composition.Names);
        if (composition.Incomplete)
            diagnostics = [.. diagnostics.Where(d => !NeedsEverything.Contains(d.Code))];
        return diagnostics.Count > 0
            ? new RecipeResult(null, diagnostics)
            : new RecipeResult(bound.ToRecipe(Path.GetFullPath(path), CanonicalYaml.Write(root, binder.Paths)), []);
    }

    /// <summary>Reads a stage that stands on a command line instead of in a recipe. Paths are relative to the working directory.</summary>
    /// <param name="kind">The kind of stage.</param>
    /// <param name="argument">What diagnostics call the text, such as <c>--data</c>.</param>
    /// <param name="text">YAML such as <c>{ use: image-folder, path: X }</c>, or the name alone.</param>
    public StageResult ReadStage(StageKind kind, string argument, string text)
    {
        ArgumentNullException.ThrowIfNull(argument);
        ArgumentNullException.ThrowIfNull(text);
        var bag = new DiagnosticBag();
        var source = new RecipeSource(argument, Environment.CurrentDirectory);
        var node = RecipeText.CheckControls(text, source, 0, bag) ? NodeParser.Parse(text, source, bag) : null;
        if (node is null)
        {
            if (bag.Count == 0)
                bag.Add(new SourceSpan(argument, 1, 1), DiagnosticCodes.MissingKey, "it is empty; write { use: NAME }");
            return new StageResult(null, bag.Sorted([argument]));
        }
        if (node is ScalarNode { IsNull: false } name)
            node = new MapNode(name.Span, name.Folder, [new MapEntry("use", name.Span, name)]);
        var use = new RecipeBinder(catalog, bag).BindStage(node, kind, argument);
        return new StageResult(bag.Count == 0 ? use : null, bag.Sorted([argument]));
    }

    /// <summary>Reads only which plugins a recipe asks for, so that they can be loaded before the rest is read.</summary>
    /// <param name="path">Path of the recipe.</param>
    /// <param name="sets">Values of <c>--set</c>, each <c>KEY=VALUE</c>.</param>
    public static PluginRequest PreRead(string path, IReadOnlyList<string> sets)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(sets);
        var bag = new DiagnosticBag();
        if (Composition.Compose(path, sets, bag) is not { } composition)
            return new PluginRequest([], bag.Sorted([path]));
        IReadOnlyList<PluginReference> plugins = [];
        if (composition.Merged.Find("plugins") is { } entry)
        {
            var root = new MapNode(composition.Merged.Span, composition.Merged.Folder, [entry]);
            plugins = new RecipeBinder(new NoStages(), bag).BindPlugins((MapNode)new VariableResolver(composition.Variables, bag).Resolve(root));
        }
        var diagnostics = bag.Sorted(composition.Names);
        return new PluginRequest(diagnostics.Count == 0 ? plugins : [], diagnostics);
    }

    private sealed class NoStages : IStageCatalog
    {
        public IReadOnlyList<StageDescriptor> Stages => [];

        public StageDescriptor? Find(StageKind kind, string name) => null;
    }
}
