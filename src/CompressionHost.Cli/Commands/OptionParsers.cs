using System.CommandLine.Parsing;
using System.Globalization;

namespace CompressionHost.Cli;

/// <summary>Parsers whose complaints a user understands; the library's own name .NET types.</summary>
internal static class OptionParsers
{
    private const int MostThreads = 1024;

    /// <summary>A number of threads.</summary>
    public static int? Threads(ArgumentResult result)
    {
        if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var threads) && threads <= MostThreads)
            return threads;
        result.AddError($"--threads '{result.Tokens[0].Value}' is not a whole number from 0 to {MostThreads}");
        return null;
    }

    /// <summary>A seed.</summary>
    public static long? Seed(ArgumentResult result)
    {
        if (long.TryParse(result.Tokens[0].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seed))
            return seed;
        result.AddError($"--seed '{result.Tokens[0].Value}' is not a whole number");
        return null;
    }

    /// <summary>A form of standard error.</summary>
    public static LogFormat LogFormat(ArgumentResult result)
    {
        switch (result.Tokens[0].Value)
        {
            case "text":
                return Cli.LogFormat.Text;
            case "json":
                return Cli.LogFormat.Json;
            default:
                result.AddError($"--log '{result.Tokens[0].Value}' is neither text nor json");
                return default;
        }
    }
}
