using System.Diagnostics;
using System.Runtime.InteropServices;
using CompressionHost.Abstractions;
using CompressionHost.Tensors;

namespace CompressionHost.Engine;

/// <summary>Runs the stages of a run one after another: times them, tells of them, and names the one that fails.</summary>
internal sealed class StageRunner(Action<RunEvent> report, CancellationToken cancellationToken)
{
    private readonly List<StageTiming> _timings = [];

    public IReadOnlyList<StageTiming> Timings => _timings;

    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>Runs a stage.</summary>
    /// <param name="name">One of <see cref="StageNames"/>.</param>
    /// <param name="body">The work.</param>
    /// <param name="detail">What it did, in a few words.</param>
    /// <exception cref="StageFailedException">The stage failed.</exception>
    public T Run<T>(string name, Func<T> body, Func<T, string> detail)
    {
        cancellationToken.ThrowIfCancellationRequested();
        report(new StageStarted(name));
        using var activity = EngineTelemetry.Activities.StartActivity(name);
        var began = Stopwatch.GetTimestamp();
        try
        {
            var result = body();
            var duration = Stopwatch.GetElapsedTime(began);
            _timings.Add(new StageTiming(name, duration, ProcessMemory.PeakBytes()));
            report(new StageFinished(name, duration, detail(result)));
            return result;
        }
        catch (Exception e) when (e is InvalidInputException or BadSampleException or IOException or UnauthorizedAccessException)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            throw new StageFailedException(name, e.Message, e);
        }
        catch (Exception e) when (e is not (OperationCanceledException or StageFailedException or RecipeException))
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            // libtorch puts its whole native stack into the message; its first line says what is wrong.
            var message = e is ExternalException ? e.Message.Split('\n')[0].TrimEnd() : e.Message;
            throw new StageFailedException(name, $"{e.GetType().Name}: {message}", e);
        }
    }
}
