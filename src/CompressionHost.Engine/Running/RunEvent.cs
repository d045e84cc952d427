namespace CompressionHost.Engine;

/// <summary>What a run tells while it goes on; also a line of events.jsonl.</summary>
public abstract record RunEvent;

/// <summary>The run directory exists.</summary>
public sealed record RunStarted(string Directory, string Recipe, IReadOnlyList<string> Stages) : RunEvent;

/// <summary>A stage began.</summary>
public sealed record StageStarted(string Stage) : RunEvent;

/// <summary>A stage ended.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="Duration">Wall time.</param>
/// <param name="Detail">What it did in a few words, such as <c>teacher: 1.8 M parameters</c>.</param>
public sealed record StageFinished(string Stage, TimeSpan Duration, string Detail) : RunEvent;

/// <summary>Training goes on.</summary>
/// <param name="Point">The latest point of the curves.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Remaining">Estimated time left.</param>
/// <param name="MemoryBytes">Resident memory now.</param>
public sealed record TrainingAdvanced(TrainingPoint Point, int Steps, TimeSpan Remaining, long MemoryBytes) : RunEvent;

/// <summary>A long stage other than training goes on.</summary>
public sealed record StageAdvanced(string Stage, long Done, long Total) : RunEvent;

/// <summary>Codes and scales of a weight were chosen.</summary>
/// <param name="Site">Name of the weight.</param>
/// <param name="OutputError">Relative error at the layer's output over the samples shown; null where none were.</param>
/// <param name="NearestOutputError">The same where each value is rounded to its nearest level.</param>
public sealed record SiteCalibrated(string Site, double? OutputError, double? NearestOutputError) : RunEvent;

/// <summary>A model's file is being fetched.</summary>
/// <param name="File">Its name.</param>
/// <param name="Bytes">Bytes of it that are here.</param>
/// <param name="TotalBytes">Bytes it has.</param>
public sealed record DownloadAdvanced(string File, long Bytes, long TotalBytes) : RunEvent;

/// <summary>A checkpoint was written.</summary>
public sealed record CheckpointSaved(string Path, int Step) : RunEvent;

/// <summary>Something the user should know that does not stop the run.</summary>
public sealed record WarningRaised(string Message) : RunEvent;

/// <summary>A metric is known.</summary>
public sealed record MetricMeasured(string Name, double Value) : RunEvent;

/// <summary>The run ended.</summary>
public sealed record RunFinished(string Directory, int ExitCode, TimeSpan Duration) : RunEvent;
