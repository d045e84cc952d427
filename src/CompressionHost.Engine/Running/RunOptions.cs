namespace CompressionHost.Engine;

/// <summary>Where and how a recipe runs.</summary>
public sealed record RunOptions
{
    /// <summary>Folder that gets the run directory.</summary>
    public string OutputDirectory { get; init; } = "runs";

    /// <summary>Continue the newest run of this very recipe in <see cref="OutputDirectory"/>; begin a new one where there is none.</summary>
    public bool Resume { get; init; }

    /// <summary>The clock; UTC.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <summary>How a run ended.</summary>
/// <param name="ExitCode">0, 1 or 130; other ends are exceptions.</param>
/// <param name="Directory">The run directory.</param>
/// <param name="Summary">What the report shows; null where the run was interrupted.</param>
public sealed record RunResult(int ExitCode, string Directory, RunSummary? Summary);
