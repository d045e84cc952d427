using CompressionHost.Engine;

namespace CompressionHost.Cli;

/// <summary>
/// Progress for a log file: one line a stage; while training a line every tenth of it and every ten seconds, in other stages every ten seconds.
/// </summary>
internal sealed class PlainEventLines(TimeProvider clock) : IEventLines
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private IReadOnlyList<string> _stages = [];
    private long _lastLine = clock.GetTimestamp();
    private double _lastShare;
    private int _finished;

    /// <inheritdoc/>
    public string? Line(RunEvent e)
    {
        switch (e)
        {
            case RunStarted started:
                _stages = started.Stages;
                return $"run directory: {started.Directory}";
            case StageStarted:
                (_lastLine, _lastShare) = (clock.GetTimestamp(), 0);
                return null;
            case StageFinished finished:
                _finished++;
                var width = _stages.Select(s => s.Length).Append(14).Max();
                return $"[{_finished,2}/{Math.Max(_finished, _stages.Count)}] {finished.Stage.PadRight(width)}  {Format.Duration(finished.Duration),7}  {finished.Detail}".TrimEnd();
            case TrainingAdvanced t when IsDue((double)t.Point.Step / t.Steps):
                return $"        step {t.Point.Step}/{t.Steps}  loss {t.Point.Loss:0.0000}  {Format.Rate(t.Point.ImagesPerSecond)} images/s  " +
                    $"{Format.Duration(t.Remaining)} left  {Format.Bytes(t.MemoryBytes)}";
            case StageAdvanced a when IsDue():
                return $"        {a.Stage}  {Format.Count(a.Done)}/{Format.Count(a.Total)}";
            case DownloadAdvanced d when IsDue():
                return $"        {d.File}  {Format.Bytes(d.Bytes)} of {Format.Bytes(d.TotalBytes)}";
            case CheckpointSaved saved:
                return $"        checkpoint saved at step {saved.Step}";
            case WarningRaised warning:
                return $"warning: {warning.Message}";
            default:
                return null;
        }
    }

    /// <summary>A training of minutes wants a line now and then, one of days does not want thousands.</summary>
    private bool IsDue(double share = 0)
    {
        if (clock.GetElapsedTime(_lastLine) < Interval && share - _lastShare < 0.1)
            return false;
        (_lastLine, _lastShare) = (clock.GetTimestamp(), share);
        return true;
    }
}
