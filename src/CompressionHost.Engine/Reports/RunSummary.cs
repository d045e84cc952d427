using CompressionHost.Inference;
using CompressionHost.Recipes;

namespace CompressionHost.Engine;

/// <summary>Everything a report shows of a finished run. Fractions, not percent; bytes are file sizes.</summary>
public sealed record RunSummary
{
    /// <summary>Name of the recipe.</summary>
    public required string Name { get; init; }

    /// <summary>When the run began, UTC.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>How long it took, the time before a resume included.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Seed of the run.</summary>
    public required long Seed { get; init; }

    /// <summary>The recipe after extends, variables and overrides.</summary>
    public required string RecipeYaml { get; init; }

    /// <summary>Label and value: versions, processor, threads, peak memory.</summary>
    public required IReadOnlyList<(string Label, string Value)> Environment { get; init; }

    /// <summary>What the final model is: <c>QAT</c> with distillation or without, <c>PTQ</c>, or <c>trained</c> where nothing is quantized.</summary>
    public required string StudentLabel { get; init; }

    /// <summary>One entry an evaluation of the recipe.</summary>
    public required IReadOnlyList<EvaluationSummary> Evaluations { get; init; }

    /// <summary>Number of parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>Bytes of the parameters in float32.</summary>
    public required long Float32Bytes { get; init; }

    /// <summary>Share of the sites' weights that is quantized; 0 where there are no rules.</summary>
    public required double QuantizedShareOfSites { get; init; }

    /// <summary>Share of all parameters that is ternary.</summary>
    public required double TernaryShare { get; init; }

    /// <summary>Share of zeros among the ternary weights.</summary>
    public required double Zeros { get; init; }

    /// <summary>What each packer wrote.</summary>
    public required IReadOnlyList<PackageSummary> Packages { get; init; }

    /// <summary>Every weight site, in checkpoint order.</summary>
    public required IReadOnlyList<SiteSummary> Sites { get; init; }

    /// <summary>Points of the training curves, in order; empty without training.</summary>
    public required IReadOnlyList<TrainingPoint> Training { get; init; }

    /// <summary>A few images with what each model made of them.</summary>
    public required IReadOnlyList<ExampleSummary> Examples { get; init; }

    /// <summary>What the recipe's benchmarks timed, in their order.</summary>
    public IReadOnlyList<LatencySummary> Latencies { get; init; } = [];

    /// <summary>The gates of the recipe and whether they held.</summary>
    public required IReadOnlyList<GateResult> Gates { get; init; }

    /// <summary>The stages in the order they ran.</summary>
    public required IReadOnlyList<StageTiming> Stages { get; init; }

    /// <summary>Things a reader must know, such as skipped images.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}

/// <summary>One evaluation of a run.</summary>
/// <param name="Name">Its name in the recipe, the first part of its metrics' names.</param>
/// <param name="Data">Name of the data.</param>
/// <param name="Samples">Samples measured.</param>
/// <param name="Metrics">The metrics in the evaluator's order.</param>
public sealed record EvaluationSummary(string Name, string Data, int Samples, IReadOnlyList<MetricSummary> Metrics);

/// <summary>One metric of each model that was measured.</summary>
/// <param name="Name">Such as <c>top1</c>.</param>
/// <param name="Teacher">Of the teacher; null without one.</param>
/// <param name="Ptq">Of the teacher's weights quantized by the same rules without training; null where that was not measured.</param>
/// <param name="Student">Of the final model.</param>
public sealed record MetricSummary(string Name, double? Teacher, double? Ptq, double Student);

/// <summary>What a packer wrote.</summary>
/// <param name="Packer">Name of the packer.</param>
/// <param name="Directory">Its folder, relative to the run directory.</param>
/// <param name="Files">Files with their sizes in bytes, the main one first.</param>
public sealed record PackageSummary(string Packer, string Directory, IReadOnlyList<(string Name, long Bytes)> Files)
{
    /// <summary>Bytes of all files.</summary>
    public long Bytes => Files.Sum(f => f.Bytes);
}

/// <summary>How long an encoder of the packed model takes.</summary>
/// <param name="Backend">Name of the backend, or what the recipe calls it.</param>
/// <param name="Kernel">What computed, such as <c>avx512</c>.</param>
/// <param name="Tower">The encoder.</param>
/// <param name="Batch">Inputs of a call.</param>
/// <param name="Threads">Threads it computed with.</param>
/// <param name="Latency">Of a call.</param>
public sealed record LatencySummary(string Backend, string Kernel, Tower Tower, int Batch, int Threads, Latency Latency)
{
    /// <summary>Name of its metric, such as <c>latency.x64.image.b1.t2.ms</c>.</summary>
    public string Metric => MetricNames.Latency(Backend, Tower.Name(), Batch, Threads);

    /// <summary>Inputs a second, at the median.</summary>
    public double PerSecond => Batch * 1000 / Latency.MedianMs;
}

/// <summary>One weight site of the final model.</summary>
/// <param name="Name">Hugging Face name.</param>
/// <param name="Shape">Shape of the weight.</param>
/// <param name="Rule">The rule that matched, as text such as <c>*.mlp.fc1.weight -> ternary</c>; empty where none did.</param>
/// <param name="Scheme">Scheme, <c>float16</c> where it is kept.</param>
/// <param name="BitsPerWeight">Stored bits per weight, scales included.</param>
/// <param name="Zeros">Share of zero codes; null where it is kept.</param>
/// <param name="Error">||w - Q(w)|| / ||w|| of the final full-precision weight; null where it is kept.</param>
/// <param name="BytesBefore">In float32.</param>
/// <param name="BytesAfter">In the first package.</param>
/// <param name="Before">Histogram of the full-precision weights before the run.</param>
/// <param name="After">Histogram of the final model's dequantized weights, over the same range.</param>
public sealed record SiteSummary(
    string Name, IReadOnlyList<long> Shape, string Rule, string Scheme, double BitsPerWeight, double? Zeros, double? Error,
    long BytesBefore, long BytesAfter, Histogram? Before, Histogram? After)
{
    /// <summary>Relative error at the layer's output over the calibration samples; null where the calibrator saw none.</summary>
    public double? OutputError { get; init; }

    /// <summary>The same where each value is rounded to its nearest level.</summary>
    public double? NearestOutputError { get; init; }
}

/// <summary>Counts of values in equal bins from <paramref name="Min"/> to <paramref name="Max"/>; values beyond are in the end bins.</summary>
public sealed record Histogram(double Min, double Max, IReadOnlyList<long> Counts);

/// <summary>One point of the training curves.</summary>
/// <param name="Step">Steps done, from 1.</param>
/// <param name="Loss">Weighted sum of the terms.</param>
/// <param name="Terms">Each term by its name, before its weight.</param>
/// <param name="LearningRate">At this step.</param>
/// <param name="Ramp">lambda at this step.</param>
/// <param name="GradientNorm">Before clipping.</param>
/// <param name="ImagesPerSecond">Since the point before.</param>
public sealed record TrainingPoint(
    int Step, double Loss, IReadOnlyDictionary<string, double> Terms, double LearningRate, double Ramp, double GradientNorm, double ImagesPerSecond);

/// <summary>One image and what each model made of it, best prediction first.</summary>
public sealed record ExampleSummary(
    RgbImage Image, string Origin, string Expected,
    IReadOnlyList<(string Text, double Score)>? Teacher, IReadOnlyList<(string Text, double Score)>? Ptq, IReadOnlyList<(string Text, double Score)> Student);

/// <summary>A gate and what became of it.</summary>
/// <param name="Text">Such as <c>zero-shot.top1 maxDrop 1.35%</c>.</param>
/// <param name="Held">Whether it held.</param>
/// <param name="Detail">The numbers, such as <c>0.9012 against the teacher's 0.9105: a drop of 0.93 points</c>.</param>
/// <param name="Place">Line and column in the recipe.</param>
public sealed record GateResult(string Text, bool Held, string Detail, string Place);

/// <summary>A stage that ran.</summary>
/// <param name="Name">Such as <c>load teacher</c>, <c>distil</c>.</param>
/// <param name="Duration">Wall time.</param>
/// <param name="PeakMemoryBytes">Peak resident memory of the process when it ended.</param>
public sealed record StageTiming(string Name, TimeSpan Duration, long PeakMemoryBytes);
