using System.CommandLine.Parsing;
using System.Globalization;
using CompressionHost.Engine;

namespace CompressionHost.Cli;

/// <summary>Parsers whose complaints a user understands; the library's own name .NET types.</summary>
internal static class OptionParsers
{
    /// <summary>More threads than this are a slip of the finger.</summary>
    public const int MostThreads = 1024;

    /// <summary>A number of threads.</summary>
    public static int? Threads(ArgumentResult result)
    {
        if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var threads) && threads <= MostThreads)
            return threads;
        result.AddError($"--threads '{result.Tokens[0].Value}' is not a whole number from 0 to {MostThreads}");
        return null;
    }

    /// <summary>A list of whole numbers, with commas or each after its own option; a number that is there twice counts once.</summary>
    public static int[] Counts(ArgumentResult result, string option, int least, int most)
    {
        var text = string.Join(',', result.Tokens.Select(t => t.Value));
        var counts = new List<int>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count < least || count > most)
            {
                result.AddError($"{option} '{text}' is not a list of whole numbers from {least} to {most}, such as 1,8");
                return [];
            }
            counts.Add(count);
        }
        return [.. counts.Distinct()];
    }

    /// <summary>Encoders by their names.</summary>
    public static Tower[] Towers(ArgumentResult result)
    {
        var towers = new List<Tower>();
        foreach (var part in result.Tokens.SelectMany(t => t.Value.Split(',', StringSplitOptions.TrimEntries)))
        {
            if (Engine.Towers.All.Where(t => t.Name() == part).ToList() is not [var tower])
            {
                result.AddError($"--towers '{part}' is neither image nor text");
                return [];
            }
            towers.Add(tower);
        }
        return [.. towers.Distinct()];
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
