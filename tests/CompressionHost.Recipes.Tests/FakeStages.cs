using System.ComponentModel.DataAnnotations;
using CompressionHost.Abstractions;

namespace CompressionHost.Recipes.Tests;

/// <summary>Options records of the kinds that plugins write, and a catalog of stages that have them. No stage is ever made.</summary>
internal sealed class FakeStages : IStageCatalog
{
    public static readonly FakeStages All = new(
        Stage<LoaderOptions>(StageKind.TeacherLoader, "huggingface-clip"),
        Stage<OpenClipOptions>(StageKind.TeacherLoader, "open-clip"),
        Stage<TernaryOptions>(StageKind.Quantizer, "ternary"),
        Stage<NoOptions>(StageKind.Quantizer, "int8"),
        Stage<NoOptions>(StageKind.Calibrator, "rtn"),
        Stage<GptqOptions>(StageKind.Calibrator, "gptq"),
        Stage<NoOptions>(StageKind.DistillationLoss, "contrastive"),
        Stage<NoOptions>(StageKind.DistillationLoss, "crd"),
        Stage<NoOptions>(StageKind.DistillationLoss, "fd"),
        Stage<CaptionsOptions>(StageKind.DataSource, "captions"),
        Stage<CaptionsOptions>(StageKind.DataSource, "image-folder"),
        Stage<NoOptions>(StageKind.Packer, "native"),
        Stage<GgufOptions>(StageKind.Packer, "gguf"),
        Stage<NoOptions>(StageKind.HardwareBackend, "x64"),
        Stage<NoOptions>(StageKind.HardwareBackend, "onnx"),
        Stage<NoOptions>(StageKind.Evaluator, "zero-shot"),
        Stage<RetrievalOptions>(StageKind.Evaluator, "retrieval"),
        Stage<NoOptions>(StageKind.Evaluator, "broken"),
        Stage<ThrowingOptions>(StageKind.Packer, "throwing"),
        Stage<EverythingOptions>(StageKind.Packer, "everything"));

    public FakeStages(params IEnumerable<StageDescriptor> stages) => Stages = [.. stages.OrderBy(s => s.Kind).ThenBy(s => s.Name, StringComparer.Ordinal)];

    public IReadOnlyList<StageDescriptor> Stages { get; }

    public StageDescriptor? Find(StageKind kind, string name) => Stages.FirstOrDefault(s => s.Kind == kind && s.Name == name);

    public static StageDescriptor Stage<TOptions>(StageKind kind, string name) => new(kind, name, typeof(object), typeof(TOptions), "Fakes");

    public static IReadOnlyList<string> MetricsOf(StageUse use) => use.Options switch
    {
        RetrievalOptions o => [.. o.RecallAt.Select(k => $"imageToText.r{k}")],
        _ when use.Stage.Name == "broken" => throw new InvalidOperationException("no metrics today"),
        _ => ["top1", "top5"],
    };

    public static bool NeedsTeacher(StageUse use) => use.Stage.Name is "crd" or "fd";

    public static bool NeedsInputs(StageUse use) => use.Stage.Name is "gptq";

    public static RecipeReader Reader() => new(All, MetricsOf, NeedsTeacher, NeedsInputs);
}

internal sealed record GptqOptions
{
    [Range(0.0, 1.0)]
    public double Damping { get; init; } = 0.01;
}

internal sealed record NoOptions;

internal sealed record LoaderOptions
{
    /// <summary>Folder of the checkpoint.</summary>
    [Required, PathOption]
    public string Model { get; init; } = "";
}

internal sealed record OpenClipOptions
{
    [Required, PathOption]
    public string Model { get; init; } = "";

    [PathOption]
    public string? Tokenizer { get; init; }
}

internal sealed record CaptionsOptions
{
    [Required, PathOption]
    public string Path { get; init; } = "";

    [Range(1, 1_000_000)]
    public int? Limit { get; init; }
}

internal sealed record TernaryOptions : IValidatableObject
{
    [Range(1, 1 << 20)]
    public int Group { get; init; } = 256;

    public ScaleOptions Scale { get; init; } = new();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Group % 4 != 0)
            yield return new ValidationResult("a group must be a multiple of 4.", [nameof(Group)]);
    }
}

internal sealed record ScaleOptions
{
    public ScaleRule Rule { get; init; } = ScaleRule.MeanAbsolute;

    [Range(0.0, 100.0, MinimumIsExclusive = true)]
    public double Factor { get; init; } = 2;
}

internal enum ScaleRule
{
    MeanAbsolute,
    Learned,
}

internal sealed record ThrowingOptions
{
    public int Level
    {
        get => 0;
        init => throw new InvalidOperationException($"level {value} is not for me");
    }
}

internal sealed record GgufOptions
{
    [AllowedValues("TQ1_0", "TQ2_0")]
    public string Type { get; init; } = "TQ2_0";
}

internal sealed record RetrievalOptions
{
    [MinLength(1)]
    [Range(1, 1000)]
    public IReadOnlyList<int> RecallAt { get; init; } = [1, 5, 10];
}

/// <summary>One property of each type that options may have.</summary>
internal sealed record EverythingOptions
{
    public bool Flag { get; init; }
    public byte Byte { get; init; }
    public short Short { get; init; }
    public long Long { get; init; }
    public ulong Unsigned { get; init; }
    public float Single { get; init; }
    public decimal Money { get; init; }
    public double? Maybe { get; init; } = 1;
    public string Text { get; init; } = "text";
    public ScaleRule Rule { get; init; }
    public Percentage Share { get; init; }
    public Extent Part { get; init; }

    [Range(typeof(ByteSize), "1 KB", "4 GiB")]
    public ByteSize Memory { get; init; } = new(1_000_000);

    [Range(typeof(TimeSpan), "1s", "2h")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    public IReadOnlyList<string> Words { get; init; } = [];

    [PathOption]
    public IReadOnlyList<string> Files { get; init; } = [];

    public IReadOnlyDictionary<string, double> Factors { get; init; } = new Dictionary<string, double>();
    public ScaleOptions Scale { get; init; } = new() { Factor = 7, Rule = ScaleRule.Learned };
    public List<ScaleOptions> Scales { get; init; } = [];

    [StringLength(5, MinimumLength = 2)]
    public string Short5 { get; init; } = "abc";

    [RegularExpression("[a-z]+")]
    public string Lower { get; init; } = "abc";

    [Url]
    public string? Link { get; init; }

    public Action? Callback { get; init; }
}
