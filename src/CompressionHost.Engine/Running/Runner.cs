using System.Diagnostics;
using CompressionHost.Recipes;

namespace CompressionHost.Engine;

/// <summary>Runs a recipe from its plan to its report.</summary>
public sealed class Runner
{
    private readonly Planner _planner;
    private readonly IStageFactory _stages;
    private readonly IPluginCatalog _plugins;

    internal Runner(Planner planner, IStageFactory stages, IPluginCatalog plugins) => (_planner, _stages, _plugins) = (planner, stages, plugins);

    /// <summary>
    /// Runs a recipe on the calling thread. Everything it leaves is in the run directory; the package appears there as a whole or not at all.
    /// </summary>
    /// <param name="recipe">A validated recipe.</param>
    /// <param name="options">Where it writes, and whether it continues an earlier run.</param>
    /// <param name="progress">Told of every event; called on the running thread.</param>
    /// <param name="cancellationToken">Ends the run after the training step in progress, with a checkpoint.</param>
    /// <returns>Exit code 0 or 1, or 130 where it was cancelled.</returns>
    /// <exception cref="RecipeException">The recipe does not fit its model or data; nothing was written.</exception>
    /// <exception cref="StageFailedException">A stage failed; checkpoints are kept, no half-written package is.</exception>
    public RunResult Run(Recipe recipe, RunOptions options, IProgress<RunEvent> progress, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        using var prepared = _planner.Prepare(recipe);
        var directory = RunDirectory.Open(recipe, options);
        if (options.Resume && directory.ExitCode is { } finished and not ExitCodes.Interrupted && directory.IsFinished)
        {
            progress.Report(new RunFinished(directory.Path, finished, TimeSpan.Zero));
            return new RunResult(finished, directory.Path, null);
        }
        using var log = new EventLog(directory.In("events.jsonl"), progress, options.Clock);
        var record = new RunRecord(directory, recipe, _plugins, options.Clock);
        record.Begin(prepared);
        log.Report(new RunStarted(directory.Path, recipe.Path, prepared.Plan.Stages));
        var began = Stopwatch.GetTimestamp();
        var stages = new StageRunner(log.Report, cancellationToken);
        try
        {
            using var session = new RunSession(prepared, directory, stages, _stages, log.Report);
            var outcome = session.Execute();
            var exitCode = outcome.Gates.All(g => g.Held) ? ExitCodes.Success : ExitCodes.GateFailed;
            var summary = stages.Run(
                StageNames.Report,
                () => record.Report(prepared, outcome, stages.Timings, Stopwatch.GetElapsedTime(began)),
                _ => directory.In("report.html"));
            record.End(exitCode, stages.Timings, Stopwatch.GetElapsedTime(began));
            log.Report(new RunFinished(directory.Path, exitCode, Stopwatch.GetElapsedTime(began)));
            return new RunResult(exitCode, directory.Path, summary);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            record.End(ExitCodes.Interrupted, stages.Timings, Stopwatch.GetElapsedTime(began));
            log.Report(new RunFinished(directory.Path, ExitCodes.Interrupted, Stopwatch.GetElapsedTime(began)));
            return new RunResult(ExitCodes.Interrupted, directory.Path, null);
        }
        catch (Exception e)
        {
            record.Fail(e, stages.Timings, Stopwatch.GetElapsedTime(began));
            throw;
        }
    }
}
