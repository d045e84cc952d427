namespace CompressionHost.Recipes;

/// <summary>What could be bound of a recipe, faults or not; the checks between sections need whatever there is.</summary>
internal sealed record BoundRecipe
{
    /// <summary>The student that is a copy of the teacher.</summary>
    public const string FromTeacher = "from-teacher";

    public required MapNode Root { get; init; }
    public required RecipeKeys? Keys { get; init; }
    public required IReadOnlyList<PluginReference> Plugins { get; init; }
    public required StageUse? Teacher { get; init; }
    public required StageUse? Student { get; init; }
    public required IReadOnlyDictionary<string, StageUse> Data { get; init; }
    public required IReadOnlyList<QuantizeRule> Quantize { get; init; }
    public required DistillSection? Distill { get; init; }
    public required IReadOnlyList<StageUse> Pack { get; init; }
    public required IReadOnlyList<BoundEvaluator> Evaluate { get; init; }
    public required IReadOnlyList<BenchmarkEntry> Benchmark { get; init; }
    public required IReadOnlyList<BoundGate> Gates { get; init; }

    /// <summary>Whether the recipe says that there is a teacher, rightly bound or not.</summary>
    public bool HasTeacher => Has("teacher");

    /// <summary>Whether a section is there.</summary>
    public bool Has(string section) => Root.Value(section) is { IsNull: false };

    /// <summary>The recipe, once there are no faults.</summary>
    public Recipe ToRecipe(string path, string resolvedYaml) => new()
    {
        Path = path,
        Name = Keys!.Name,
        Seed = Keys.Seed,
        Threads = Keys.Threads,
        Plugins = Plugins,
        Teacher = Teacher,
        Student = Student,
        Data = Data,
        Quantize = Quantize,
        Distill = Distill,
        Pack = Pack,
        Evaluate = [.. Evaluate.Select(e => new EvaluateEntry(e.Name!, e.Stage!, e.Data!))],
        Benchmark = Benchmark,
        Gates = [.. Gates.Select(g => new Gate(g.Keys.Metric, g.Keys.Min?.Value, g.Keys.Max?.Value, g.Keys.MaxDrop, g.Map.Span))],
        ResolvedYaml = resolvedYaml,
    };
}

/// <summary>An evaluator's entry, as far as it is known.</summary>
internal sealed record BoundEvaluator(string? Name, StageUse? Stage, string? Data, MapNode Map);

/// <summary>A gate and its place.</summary>
internal sealed record BoundGate(GateKeys Keys, MapNode Map);
