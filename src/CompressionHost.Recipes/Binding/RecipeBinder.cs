using System.Text.RegularExpressions;
using CompressionHost.Abstractions;

namespace CompressionHost.Recipes;

/// <summary>Binds a resolved tree to a <see cref="Recipe"/>, section by section. Checks between sections are left to <see cref="ReferenceChecker"/>.</summary>
internal sealed partial class RecipeBinder
{
    /// <summary>The keys of a recipe that are sections of their own, in the order of the documentation.</summary>
    public static readonly IReadOnlyList<string> Sections =
        ["extends", "variables", "plugins", "teacher", "student", "data", "quantize", "distill", "pack", "evaluate", "benchmark", "gates"];

    private readonly DiagnosticBag _bag;
    private readonly ObjectBinder _objects;
    private readonly StageBinder _stages;
    private readonly ValueBinder _values;

    public RecipeBinder(IStageCatalog catalog, DiagnosticBag bag)
    {
        _bag = bag;
        _values = new ValueBinder(bag) { Special = BindSpecial };
        _objects = new ObjectBinder(_values, bag);
        _stages = new StageBinder(catalog, _objects, bag);
    }

    /// <summary>Absolute paths by the node they are written in.</summary>
    public IReadOnlyDictionary<ScalarNode, string> Paths => _values.Paths;

    /// <summary>Binds a stage that stands by itself.</summary>
    public StageUse? BindStage(Node node, StageKind kind, string owner) => _stages.Bind(node, kind, owner);

    /// <summary>Binds everything that can be bound.</summary>
    public BoundRecipe Bind(MapNode root)
    {
        var keys = _objects.Bind(root, root.Span, "the recipe", [new ObjectPart(typeof(RecipeKeys))], Sections, checkUnknown: true)[0] as RecipeKeys;
        if (Section(root, "variables") is { } variables and not MapNode)
            WrongSection(variables, "variables", "a mapping of names to values");
        return new BoundRecipe
        {
            Root = root,
            Keys = keys,
            Plugins = Good(Plugins(root)),
            Teacher = Section(root, "teacher") is { } teacher ? _stages.Bind(teacher, StageKind.TeacherLoader, "'teacher'") : null,
            Student = Student(root),
            Data = Data(root),
            Quantize = Good(List(root, "quantize", "[{ match: \"*\", use: ternary }]").Select(Rule)),
            Distill = Section(root, "distill") is { } distill && _values.TryBind(distill, typeof(DistillSection), "distill", false, null, out var section) ? (DistillSection)section! : null,
            Pack = Good(List(root, "pack", "[{ use: native }]").Select(node => _stages.Bind(node, StageKind.Packer, "an entry of 'pack'"))),
            Evaluate = [.. List(root, "evaluate", "[{ use: zero-shot, data: test }]").Select(Evaluator).OfType<BoundEvaluator>()],
            Benchmark = Good(List(root, "benchmark", "[{ use: x64, batch: [1] }]").Select(Benchmark)),
            Gates = Good(List(root, "gates", "[{ metric: size.ratio, min: 10 }]").Select(Gate)),
        };
    }

    /// <summary>Binds the plugins alone.</summary>
    public IReadOnlyList<PluginReference> BindPlugins(MapNode root) => Good(Plugins(root));

    private IEnumerable<PluginReference?> Plugins(MapNode root)
    {
        foreach (var node in List(root, "plugins", "[{ id: Contoso.Quantizers }]"))
        {
            if (node.IsFaulty)
                continue;
            if (node is not MapNode map)
            {
                var form = node is ScalarNode { IsNull: false } s ? $"; write {{ id: {s.Text} }}" : "";
                _bag.Add(node.Span, DiagnosticCodes.WrongShape, $"an entry of 'plugins' expects a mapping, found {node.Describe()}{form}");
                continue;
            }
            yield return _objects.Bind(map, map.Span, "an entry of 'plugins'", [new ObjectPart(typeof(PluginKeys))], [], checkUnknown: true)[0] is PluginKeys keys
                ? new PluginReference(keys.Id, keys.Version?.ToString(), map.Span)
                : null;
        }
    }

    private StageUse? Student(MapNode root)
    {
        if (Section(root, "student") is not { } node)
            return null;
        if (node is not MapNode map || map.Value("use") is not ScalarNode { Text: BoundRecipe.FromTeacher })
            return _stages.Bind(node, StageKind.TeacherLoader, "'student'");
        foreach (var entry in map.Entries.Where(e => e.Key != "use"))
            _bag.Add(entry.KeySpan, DiagnosticCodes.UnknownKey, $"unknown key '{entry.Key}'; '{BoundRecipe.FromTeacher}' has no options");
        return null;
    }

    private Dictionary<string, StageUse> Data(MapNode root)
    {
        var result = new Dictionary<string, StageUse>(StringComparer.Ordinal);
        switch (Section(root, "data"))
        {
            case null:
                break;
            case MapNode map:
                foreach (var entry in map.Entries.Where(e => !e.Value.IsNull))
                {
                    if (!NamePattern().IsMatch(entry.Key))
                        _bag.Add(entry.KeySpan, DiagnosticCodes.BadFormat, $"'{entry.Key}' cannot name a data set: letters, digits, '_' and '-', starting with a letter or digit");
                    if (_stages.Bind(entry.Value, StageKind.DataSource, $"data set '{entry.Key}'") is { } stage)
                        result.Add(entry.Key, stage);
                }
                break;
            case var other:
                WrongSection(other, "data", "a mapping of names to data sources, such as { train: { use: captions, path: ./train.csv } }");
                break;
        }
        return result;
    }

    private QuantizeRule? Rule(Node node)
    {
        if (_stages.Bind<RuleKeys>(node, StageKind.Quantizer, "a rule of 'quantize'", optional: true) is not { } bound)
            return null;
        var map = (MapNode)node;
        var (use, keep) = (map.Find("use"), map.Value("keep") is { IsNull: false });
        if (use is { } both && keep)
            _bag.Add(both.KeySpan, DiagnosticCodes.ConflictingKeys, "a rule has either 'use' or 'keep', not both");
        else if (use is null && !keep)
            _bag.Add(map.Span, DiagnosticCodes.MissingKey, "a rule of 'quantize' needs 'use: <quantizer>' or 'keep: float16'");
        if (keep && map.Find("calibrate") is { Value.IsNull: false } calibrate)
            _bag.Add(calibrate.KeySpan, DiagnosticCodes.ConflictingKeys, "a rule that keeps its weights has nothing to calibrate; remove 'keep' or 'calibrate'");
        if (bound.Keys is null || (bound.Stage is null && use is not null) || (use is not null == keep))
            return null;
        IReadOnlyList<SourceSpan> spans = map.Value("match") is ListNode list ? [.. list.Items.Select(i => i.Span)] : [map.Value("match")!.Span];
        return new QuantizeRule(bound.Keys.Match, bound.Stage, map.Span) { MatchSpans = spans, Calibrate = bound.Keys.Calibrate };
    }

    private BoundEvaluator? Evaluator(Node node)
    {
        if (_stages.Bind<EvaluateKeys>(node, StageKind.Evaluator, "an entry of 'evaluate'") is not { } bound)
            return null;
        var map = (MapNode)node;
        return new BoundEvaluator(bound.Keys?.As ?? (map.Value("as") is null or { IsNull: true } ? bound.Use : null), bound.Stage, bound.Keys?.Data, map);
    }

    private BenchmarkEntry? Benchmark(Node node) =>
        _stages.Bind<BenchmarkKeys>(node, StageKind.HardwareBackend, "an entry of 'benchmark'") is { Stage: { } stage, Keys: { } keys }
            ? new BenchmarkEntry(keys.As ?? stage.Stage.Name, stage, keys.Batch, keys.Threads)
            : null;

    private BoundGate? Gate(Node node)
    {
        if (node.IsFaulty)
            return null;
        if (node is MapNode map)
        {
            var keys = _objects.Bind(map, map.Span, "a gate", [new ObjectPart(typeof(GateKeys))], [], checkUnknown: true)[0] as GateKeys;
            return keys is null ? null : new BoundGate(keys, map);
        }
        _bag.Add(node.Span, DiagnosticCodes.WrongShape, $"a gate expects a mapping such as {{ metric: size.ratio, min: 10 }}, found {node.Describe()}");
        return null;
    }

    private (bool, object?)? BindSpecial(Node node, Type type)
    {
        if (type == typeof(CalibrateEntry))
            return Calibration(node);
        if (type != typeof(LossEntry))
            return null;
        return _stages.Bind<LossKeys>(node, StageKind.DistillationLoss, "an entry of 'losses'") is { Stage: { } stage, Keys: { } keys }
            ? (true, new LossEntry(stage, keys.Weight))
            : (false, null);
    }

    private (bool, object?) Calibration(Node node)
    {
        if (_stages.Bind<CalibrateKeys>(node, StageKind.Calibrator, "'calibrate'") is not { Stage: { } stage, Keys: { } keys })
            return (false, null);
        SourceSpan? At(string key) => ((MapNode)node).Find(key) is { Value.IsNull: false } entry ? entry.KeySpan : null;
        return (true, new CalibrateEntry(stage, keys.Data, keys.Samples ?? CalibrateKeys.DefaultSamples) { DataSpan = At("data"), SamplesSpan = At("samples") });
    }

    private IReadOnlyList<Node> List(MapNode root, string key, string example)
    {
        switch (Section(root, key))
        {
            case null:
                return [];
            case ListNode list:
                return list.Items;
            case var other:
                WrongSection(other, key, $"a list such as {example}");
                return [];
        }
    }

    private void WrongSection(Node node, string key, string expected) =>
        _bag.Add(node.Span, DiagnosticCodes.WrongShape, $"'{key}' expects {expected}, found {node.Describe()}");

    /// <summary>A section that is there; one set to nothing counts as absent, so that a recipe can drop what it inherits.</summary>
    private static Node? Section(MapNode root, string key) => root.Value(key) is { IsNull: false, IsFaulty: false } node ? node : null;

    private static T[] Good<T>(IEnumerable<T?> items) where T : class => [.. items.OfType<T>()];

    [GeneratedRegex(EvaluateKeys.NamePattern)]
    private static partial Regex NamePattern();
}
