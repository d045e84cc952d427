using CompressionHost.Abstractions;

namespace CompressionHost.Recipes;

/// <summary>A validated recipe: every key known, every value of its type and in its range, every stage bound to its options.</summary>
public sealed record Recipe
{
    /// <summary>Path of the recipe file, absolute.</summary>
    public required string Path { get; init; }

    /// <summary>Name of the run.</summary>
    public required string Name { get; init; }

    /// <summary>Seed of everything random.</summary>
    public long Seed { get; init; }

    /// <summary>Threads to compute with; 0 for one a core.</summary>
    public int Threads { get; init; }

    /// <summary>Plugins the recipe asks for beyond the built-in ones.</summary>
    public IReadOnlyList<PluginReference> Plugins { get; init; } = [];

    /// <summary>The full-precision reference; null where a model is trained from scratch.</summary>
    public StageUse? Teacher { get; init; }

    /// <summary>The model to compress; null for <c>from-teacher</c>, a copy of the teacher.</summary>
    public StageUse? Student { get; init; }

    /// <summary>Data sources by name.</summary>
    public IReadOnlyDictionary<string, StageUse> Data { get; init; } = new Dictionary<string, StageUse>();

    /// <summary>Ordered rules, first match wins; empty where nothing is quantized.</summary>
    public IReadOnlyList<QuantizeRule> Quantize { get; init; } = [];

    /// <summary>Training; null for post-training quantization.</summary>
    public DistillSection? Distill { get; init; }

    /// <summary>Packers, in order.</summary>
    public IReadOnlyList<StageUse> Pack { get; init; } = [];

    /// <summary>Evaluators, in order.</summary>
    public IReadOnlyList<EvaluateEntry> Evaluate { get; init; } = [];

    /// <summary>Backends to time, in order.</summary>
    public IReadOnlyList<BenchmarkEntry> Benchmark { get; init; } = [];

    /// <summary>Conditions on metrics that decide the exit code.</summary>
    public IReadOnlyList<Gate> Gates { get; init; } = [];

    /// <summary>The whole recipe after <c>extends</c>, variables and overrides, as YAML: what recipe.lock.yaml records.</summary>
    public required string ResolvedYaml { get; init; }
}

/// <summary>A stage named in a recipe with its bound options.</summary>
/// <param name="Stage">The registered stage.</param>
/// <param name="Options">An instance of <see cref="StageDescriptor.OptionsType"/>.</param>
/// <param name="Span">Where the entry is.</param>
public sealed record StageUse(StageDescriptor Stage, object Options, SourceSpan Span);

/// <summary>A plugin the recipe asks for.</summary>
/// <param name="Id">Assembly name.</param>
/// <param name="Version">Accepted versions in NuGet's range notation, such as <c>[1.0,2.0)</c>; null for any.</param>
/// <param name="Span">Where the entry is.</param>
public sealed record PluginReference(string Id, string? Version, SourceSpan Span);

/// <summary>One rule of <c>quantize:</c>.</summary>
/// <param name="Match">Globs over site names; <c>*</c> matches any characters, dots included.</param>
/// <param name="Quantizer">The quantizer, or null for <c>keep: float16</c>.</param>
/// <param name="Span">Where the rule is.</param>
public sealed record QuantizeRule(IReadOnlyList<string> Match, StageUse? Quantizer, SourceSpan Span)
{
    /// <summary>Where each of <see cref="Match"/> is written; empty for rules that come from no file.</summary>
    public IReadOnlyList<SourceSpan> MatchSpans { get; init; } = [];

    /// <summary>How codes and scales are chosen; null for the quantizer alone.</summary>
    public CalibrateEntry? Calibrate { get; init; }
}

/// <summary>A calibrator and what it is shown.</summary>
/// <param name="Calibrator">The calibrator.</param>
/// <param name="Data">Key of <see cref="Recipe.Data"/>; null where the calibrator looks at no inputs.</param>
/// <param name="Samples">Samples of the data it is shown.</param>
public sealed record CalibrateEntry(StageUse Calibrator, string? Data, int Samples)
{
    /// <summary>Where its data set is named, if it is.</summary>
    internal SourceSpan? DataSpan { get; init; }

    /// <summary>Where its number of samples is written, if it is.</summary>
    internal SourceSpan? SamplesSpan { get; init; }
}

/// <summary>An evaluator, the data it runs on and the name its metrics get.</summary>
/// <param name="Name">First part of its metrics' names; the evaluator's own name unless <c>as:</c> says otherwise.</param>
/// <param name="Evaluator">The evaluator.</param>
/// <param name="Data">Key of <see cref="Recipe.Data"/>.</param>
public sealed record EvaluateEntry(string Name, StageUse Evaluator, string Data);

/// <summary>A backend to time and the name its metrics get.</summary>
/// <param name="Name">What its metrics are named after; the backend's own name unless <c>as:</c> says otherwise.</param>
/// <param name="Backend">The backend.</param>
/// <param name="Batch">Batch sizes.</param>
/// <param name="Threads">Thread counts.</param>
public sealed record BenchmarkEntry(string Name, StageUse Backend, IReadOnlyList<int> Batch, IReadOnlyList<int> Threads);

/// <summary>A condition on a metric. One or more of the limits is set.</summary>
/// <param name="Metric">Such as <c>zero-shot.top1</c> (of the student) or <c>size.ratio</c>.</param>
/// <param name="Min">The least allowed value.</param>
/// <param name="Max">The greatest allowed value.</param>
/// <param name="MaxDrop">The greatest allowed loss against the teacher, absolute: 1.35% allows 0.9000 to become 0.8865.</param>
/// <param name="Span">Where the gate is.</param>
public sealed record Gate(string Metric, double? Min, double? Max, Percentage? MaxDrop, SourceSpan Span);
