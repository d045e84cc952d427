namespace CompressionHost.Cli;

/// <summary>Codes of the faults that are not a recipe's; the first digit is the exit code. Listed in docs/errors.md.</summary>
internal static class ErrorCodes
{
    /// <summary>The command line does not parse.</summary>
    public const string CommandLine = "CH2001";

    /// <summary>A path on the command line does not exist, or is a file where a folder is expected.</summary>
    public const string MissingPath = "CH2002";

    /// <summary>A checkpoint, package, image or text file is not what it should be.</summary>
    public const string InvalidInput = "CH3001";

    /// <summary>A stage failed.</summary>
    public const string StageFailed = "CH3002";

    /// <summary>The system refused to read or write a file.</summary>
    public const string InputOutput = "CH3003";

    /// <summary>A fault of this program.</summary>
    public const string Unexpected = "CH3999";

    /// <summary>A plugin could not be loaded.</summary>
    public const string PluginLoad = "CH4001";
}
