using System.Globalization;
using System.Text.RegularExpressions;

namespace CompressionHost.Recipes;

/// <summary>Times written with units: <c>250ms</c>, <c>30s</c>, <c>5m</c>, <c>1h30m</c>, <c>2d</c>. A bare number is refused, since nobody can tell its unit.</summary>
internal static partial class Duration
{
    public const string Pattern = @"^\s*([0-9]+(\.[0-9]+)?\s*(ms|s|m|h|d)\s*)+$";

    public static bool TryParse(string text, out TimeSpan value)
    {
        value = default;
        if (text.Length > 100 || !Whole().IsMatch(text))
            return false;
        var seconds = 0.0;
        foreach (Match part in Part().Matches(text))
        {
            var number = double.Parse(part.Groups[1].Value, CultureInfo.InvariantCulture);
            seconds += number * part.Groups[2].Value switch { "ms" => 1e-3, "s" => 1, "m" => 60, "h" => 3600, _ => 86400 };
        }
        if (seconds > TimeSpan.MaxValue.TotalSeconds / 2)
            return false;
        value = TimeSpan.FromSeconds(seconds);
        return true;
    }

    [GeneratedRegex(Pattern, RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Whole();

    [GeneratedRegex(@"([0-9]+(?:\.[0-9]+)?)\s*(ms|s|m|h|d)")]
    private static partial Regex Part();
}
