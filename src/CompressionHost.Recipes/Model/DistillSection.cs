using System.ComponentModel.DataAnnotations;
using CompressionHost.Abstractions;

namespace CompressionHost.Recipes;

/// <summary>Training: quantization-aware where rules quantize, with distillation where there is a teacher.</summary>
public sealed record DistillSection
{
    /// <summary>Key of <see cref="Recipe.Data"/> to train on.</summary>
    [Required]
    public string Data { get; init; } = "";

    /// <summary>Optimizer steps.</summary>
    [Range(1, 100_000_000)]
    public int Steps { get; init; }

    /// <summary>Samples a step.</summary>
    [Range(1, 1_000_000)]
    public int Batch { get; init; } = 128;

    /// <summary>Type of the matrix products.</summary>
    public ComputePrecision Precision { get; init; } = ComputePrecision.Float32;

    /// <summary>Optimizer.</summary>
    public OptimizerOptions Optimizer { get; init; } = new();

    /// <summary>Learning rate over the run.</summary>
    public ScheduleOptions Schedule { get; init; } = new();

    /// <summary>Over this part of the run lambda of w + lambda (Q(w) - w) goes from 0 to 1.</summary>
    public Extent Ramp { get; init; } = Extent.OfRun(0);

    /// <summary>Greatest L2 norm of all gradients together; larger ones are scaled down. Null for no clipping.</summary>
    [Range(1e-6, 1e6)]
    public double? ClipGradients { get; init; } = 1.0;

    /// <summary>Terms of the loss.</summary>
    [MinLength(1)]
    public IReadOnlyList<LossEntry> Losses { get; init; } = [];

    /// <summary>Steps between checkpoints; null for a checkpoint only when interrupted.</summary>
    [Range(1, 100_000_000)]
    public int? CheckpointEvery { get; init; }

    /// <summary>How training images are varied.</summary>
    public AugmentOptions Augment { get; init; } = new();
}

/// <summary>Type the matrix products compute in; weights, normalization and the optimizer stay float32.</summary>
public enum ComputePrecision
{
    /// <summary>32-bit.</summary>
    Float32,

    /// <summary>bfloat16.</summary>
    Bfloat16,

    /// <summary>bfloat16 where the processor has instructions for it, float32 where it would be emulated.</summary>
    Auto,
}

/// <summary>AdamW (Loshchilov and Hutter, arXiv 1711.05101).</summary>
public sealed record OptimizerOptions
{
    /// <summary>Only <c>adamw</c>.</summary>
    [AllowedValues("adamw")]
    public string Use { get; init; } = "adamw";

    /// <summary>Peak learning rate.</summary>
    [Range(1e-12, 10)]
    public double Lr { get; init; } = 1e-3;

    /// <summary>Decay rates of the first and second moments.</summary>
    [Length(2, 2)]
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public IReadOnlyList<double> Betas { get; init; } = [0.9, 0.98];

    /// <summary>Added to the denominator.</summary>
    [Range(1e-16, 1)]
    public double Epsilon { get; init; } = 1e-6;

    /// <summary>Decoupled weight decay of matrices; biases, normalization and the logit scale have none.</summary>
    [Range(0, 10)]
    public double WeightDecay { get; init; }

    /// <summary>Factors on the learning rate of parameters by name, first match wins.</summary>
    public IReadOnlyList<ParameterGroupOptions> Groups { get; init; } = [];
}

/// <summary>A parameter group.</summary>
public sealed record ParameterGroupOptions
{
    /// <summary>Globs over parameter names.</summary>
    [MinLength(1)]
    public IReadOnlyList<string> Match { get; init; } = [];

    /// <summary>Factor on the learning rate; 0 freezes.</summary>
    [Range(0, 1000)]
    public double LrScale { get; init; } = 1;

    /// <summary>Weight decay of the group instead of the optimizer's.</summary>
    [Range(0, 10)]
    public double? WeightDecay { get; init; }
}

/// <summary>Linear warmup, then a cosine to the floor or a constant.</summary>
public sealed record ScheduleOptions
{
    /// <summary><c>cosine</c> or <c>constant</c>.</summary>
    [AllowedValues("cosine", "constant")]
    public string Use { get; init; } = "cosine";

    /// <summary>Part of the run over which the learning rate rises from 0.</summary>
    public Extent Warmup { get; init; } = Extent.OfRun(0.05);

    /// <summary>Share of the peak that the cosine ends at.</summary>
    [Range(0, 1)]
    public double Floor { get; init; }
}

/// <summary>Variation of training images. Everything is drawn from the run's seed, the epoch and the sample.</summary>
public sealed record AugmentOptions
{
    /// <summary>Chance of a horizontal flip.</summary>
    [Range(0, 1)]
    public Percentage Flip { get; init; }

    /// <summary>Least area of a random resized crop as a share of the image; 100% for no crop.</summary>
    [Range(0.01, 1)]
    public Percentage CropArea { get; init; } = new(1);
}

/// <summary>A loss and its weight.</summary>
/// <param name="Loss">The loss.</param>
/// <param name="Weight">Factor on its value.</param>
public sealed record LossEntry(StageUse Loss, double Weight);
