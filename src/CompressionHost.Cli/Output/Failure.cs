using System.Globalization;
using CompressionHost.Engine;
using CompressionHost.Tensors;

namespace CompressionHost.Cli;

/// <summary>How an exception ends the process: an exit code and what is printed.</summary>
/// <param name="ExitCode">Exit code.</param>
/// <param name="Problems">What is printed, a line each or more.</param>
internal sealed record Failure(int ExitCode, IReadOnlyList<Problem> Problems)
{
    /// <summary>Judges an exception. One that nobody foresaw leaves its trace in a file, whose path the message names.</summary>
    public static Failure From(Exception exception) => exception switch
    {
        CommandLineException e => One(CommandLineException.ExitCode, e.Code, e.Message),
        RecipeException e => new Failure(ExitCodes.InvalidRecipe, [.. e.Diagnostics.Select(d => new Problem(d.Span, d.Code, d.Message))]),
        PluginLoadException e => One(ExitCodes.PluginFailed, ErrorCodes.PluginLoad, e.Message),
        StageFailedException { InnerException: { } inner } e when !IsForeseen(inner) =>
            One(ExitCodes.StageFailed, ErrorCodes.StageFailed, $"{e.Message}{TraceNote(exception)}"),
        StageFailedException e => One(ExitCodes.StageFailed, ErrorCodes.StageFailed, e.Message),
        InvalidInputException e => One(ExitCodes.StageFailed, ErrorCodes.InvalidInput, WithPath(e)),
        OperationCanceledException => new Failure(ExitCodes.Interrupted, []),
        IOException or UnauthorizedAccessException => One(ExitCodes.StageFailed, ErrorCodes.InputOutput, exception.Message),
        _ => One(
            ExitCodes.StageFailed,
            ErrorCodes.Unexpected,
            $"{exception.GetType().Name}: {exception.Message} This is a fault of the program; please report it.{TraceNote(exception)}"),
    };

    /// <summary>Prints the problems to standard error.</summary>
    public void Print(LogFormat format)
    {
        foreach (var problem in Problems)
            StandardError.WriteLine(format == LogFormat.Json ? problem.ToJson() : problem.ToString());
    }

    private static Failure One(int exitCode, string code, string message) => new(exitCode, [new Problem(null, code, message)]);

    private static bool IsForeseen(Exception inner) => inner is InvalidInputException or IOException or UnauthorizedAccessException;

    private static string WithPath(InvalidInputException e) =>
        e.Path is null || e.Message.Contains(e.Path, StringComparison.Ordinal) ? e.Message : $"{e.Path}: {e.Message}";

    private static string TraceNote(Exception exception)
    {
        var path = Path.Combine(
            Path.GetTempPath(),
            string.Create(CultureInfo.InvariantCulture, $"compressionhost-{TimeProvider.System.GetUtcNow():yyyyMMdd-HHmmss}-{Environment.ProcessId}.txt"));
        try
        {
            File.WriteAllText(path, $"{Environment.CommandLine}\n{exception}\n");
            return $" Trace: {path}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return " Trace: run again with --verbose";
        }
    }
}
