using CompressionHost.Engine;

namespace CompressionHost.Cli;

/// <summary>The command line parses but asks for something that cannot be done. Exit code 2.</summary>
internal sealed class CommandLineException(string message, string code = ErrorCodes.CommandLine) : Exception(message)
{
    /// <summary>Exit code of the process.</summary>
    public const int ExitCode = ExitCodes.InvalidRecipe;

    /// <summary>Such as <c>CH2002</c>.</summary>
    public string Code { get; } = code;
}
