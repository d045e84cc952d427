using System.Globalization;

namespace CompressionHost.Cli;

/// <summary>Numbers for people. Always the invariant culture: output that is compared must not depend on the machine.</summary>
internal static class Format
{
    /// <summary>Bytes with a decimal unit: <c>812 B</c>, <c>41.2 kB</c>, <c>1.38 GB</c>.</summary>
    public static string Bytes(long bytes)
    {
        ReadOnlySpan<string> units = ["B", "kB", "MB", "GB", "TB"];
        var (value, unit) = ((double)bytes, 0);
        while (value >= 999.5 && unit < units.Length - 1)
            (value, unit) = (value / 1000, unit + 1);
        var digits = unit == 0 || value >= 99.95 ? "0" : value >= 9.995 ? "0.0" : "0.00";
        return value.ToString(digits, CultureInfo.InvariantCulture) + " " + units[unit];
    }

    /// <summary>A count with separators: <c>1,812,345</c>.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A metric, to four digits after the point.</summary>
    public static string Metric(double? value) => value?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "-";

    /// <summary>A share as a percentage: <c>57.1%</c>.</summary>
    public static string Share(double fraction) => (fraction * 100).ToString("0.0", CultureInfo.InvariantCulture) + "%";

    /// <summary>How many times smaller: <c>17.21x</c>.</summary>
    public static string Ratio(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture) + "x";

    /// <summary>Bits: <c>1.58</c>, <c>16</c>.</summary>
    public static string Bits(double bits) => bits.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Dimensions: <c>512x2048</c>; <c>scalar</c> where there are none.</summary>
    public static string Shape(IReadOnlyList<long> shape) => shape.Count == 0 ? "scalar" : string.Join('x', shape);

    /// <summary>A length of time: <c>0.4 s</c>, <c>12 s</c>, <c>3m05s</c>, <c>2h07m</c>.</summary>
    public static string Duration(TimeSpan time) => time.TotalSeconds switch
    {
        < 9.95 => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
        < 59.5 => time.TotalSeconds.ToString("0", CultureInfo.InvariantCulture) + " s",
        < 3599.5 => string.Create(CultureInfo.InvariantCulture, $"{(int)(time.TotalSeconds + 0.5) / 60}m{(int)(time.TotalSeconds + 0.5) % 60:00}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}h{time.Minutes:00}m"),
    };

    /// <summary>Milliseconds, to three or four digits: <c>0.412</c>, <c>62.31</c>, <c>345.2</c>, <c>2876</c>.</summary>
    public static string Milliseconds(double value) =>
        value.ToString(value switch { >= 999.95 => "0", >= 99.995 => "0.0", >= 9.9995 => "0.00", _ => "0.000" }, CultureInfo.InvariantCulture);

    /// <summary>A rate: <c>188</c>, <c>0.62</c>.</summary>
    public static string Rate(double perSecond) => perSecond.ToString(perSecond >= 10 ? "0" : "0.00", CultureInfo.InvariantCulture);
}
