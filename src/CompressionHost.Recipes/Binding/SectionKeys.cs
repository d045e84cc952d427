using System.ComponentModel.DataAnnotations;
using CompressionHost.Abstractions;

namespace CompressionHost.Recipes;

// Keys of recipe sections that stand beside a stage's own options. Binding, validation and the JSON Schema all follow from them.

/// <summary>Keys of the recipe that are single values.</summary>
internal sealed record RecipeKeys
{
    public const string NamePattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$";

    /// <summary>Version of the recipe format: 1.</summary>
    [Range(1, 1)]
    public int Recipe { get; init; }

    /// <summary>Name of the run; its folder starts with it.</summary>
    [Required]
    [RegularExpression(NamePattern, ErrorMessage = "must be letters, digits, '.', '_' and '-', at most 100, starting with a letter or digit")]
    public string Name { get; init; } = "";

    /// <summary>Seed of everything random.</summary>
    public long Seed { get; init; }

    /// <summary>Threads to compute with; 0 for one a core.</summary>
    [Range(0, 1024)]
    public int Threads { get; init; }
}

/// <summary>A plugin the recipe needs beyond the built-in ones.</summary>
internal sealed record PluginKeys
{
    /// <summary>Assembly name of the plugin.</summary>
    [Required]
    [RegularExpression("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$", ErrorMessage = "must be the assembly name of a plugin")]
    public string Id { get; init; } = "";

    /// <summary>Accepted versions in NuGet's notation, such as [1.0,2.0); any if absent.</summary>
    public VersionRange? Version { get; init; }
}

/// <summary>Format that weights are kept in without quantizing them.</summary>
internal enum KeptFormat
{
    /// <summary>Half precision.</summary>
    Float16,
}

/// <summary>Keys of a rule of <c>quantize</c>.</summary>
internal sealed record RuleKeys
{
    /// <summary>Patterns over names of weights; * is any characters, ? is one.</summary>
    [MinLength(1)]
    public IReadOnlyList<string> Match { get; init; } = [];

    /// <summary>Keeps the weights unquantized, in this format.</summary>
    public KeptFormat? Keep { get; init; }

    /// <summary>How codes and scales are chosen; each value is rounded to the nearest level if absent.</summary>
    public CalibrateEntry? Calibrate { get; init; }
}

/// <summary>Keys of a calibration.</summary>
internal sealed record CalibrateKeys
{
    /// <summary>Samples that are shown when the recipe does not say how many.</summary>
    public const int DefaultSamples = 128;

    /// <summary>Name of the data set under 'data' whose samples go through the model; only for calibrators that look at a layer's inputs.</summary>
    [MinLength(1)]
    public string? Data { get; init; }

    /// <summary>Samples of that data set, drawn by the seed; 128 if absent.</summary>
    [Range(1, 1_000_000)]
    public int? Samples { get; init; }
}

/// <summary>Keys of a loss.</summary>
internal sealed record LossKeys
{
    /// <summary>Factor on the loss.</summary>
    [Range(0, 1e9)]
    public double Weight { get; init; } = 1;
}

/// <summary>Keys of an evaluator's entry.</summary>
internal sealed record EvaluateKeys
{
    public const string NamePattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$";

    /// <summary>Name of the data set under 'data' to measure on.</summary>
    [Required]
    public string Data { get; init; } = "";

    /// <summary>First part of the metrics' names; the evaluator's own name if absent.</summary>
    [MinLength(1)]
    [RegularExpression(NamePattern, ErrorMessage = "must be letters, digits, '_' and '-', starting with a letter or digit")]
    public string? As { get; init; }
}

/// <summary>Keys of a benchmark.</summary>
internal sealed record BenchmarkKeys
{
    /// <summary>Batch sizes to time.</summary>
    [MinLength(1)]
    [Range(1, 65536)]
    public IReadOnlyList<int> Batch { get; init; } = [1];

    /// <summary>Thread counts to time.</summary>
    [MinLength(1)]
    [Range(1, 1024)]
    public IReadOnlyList<int> Threads { get; init; } = [1];

    /// <summary>What its metrics are named after instead of the backend, so that one backend can be timed with different options.</summary>
    [MinLength(1)]
    [RegularExpression(EvaluateKeys.NamePattern, ErrorMessage = "must be letters, digits, '_' and '-', starting with a letter or digit")]
    public string? As { get; init; }
}

/// <summary>Keys of a gate.</summary>
internal sealed record GateKeys
{
    /// <summary>Name of the metric, such as zero-shot.top1 or size.ratio.</summary>
    [Required]
    public string Metric { get; init; } = "";

    /// <summary>The least allowed value: a number, or with a unit that fits the metric (80%, 20 MB, 5 ms).</summary>
    public GateValue? Min { get; init; }

    /// <summary>The greatest allowed value.</summary>
    public GateValue? Max { get; init; }

    /// <summary>The greatest allowed loss against the teacher, absolute: 1.35% allows 0.9000 to become 0.8865.</summary>
    [Range(0, 1)]
    public Percentage? MaxDrop { get; init; }
}
