using System.Globalization;

namespace CompressionHost.Engine;

/// <summary>How reports print numbers: fixed, culture-free, and never NaN.</summary>
internal static class ReportFormat
{
    /// <summary>What stands for a number that is not finite or not known.</summary>
    public const string Missing = "n/a";

    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;
    private static readonly string[] ByteUnits = ["kB", "MB", "GB", "TB"];
    private static readonly string[] MemoryUnits = ["KiB", "MiB", "GiB", "TiB"];

    /// <summary>A fraction as percent: 0.9012 is <c>90.12%</c>.</summary>
    public static string Percent(double fraction, int decimals = 2) =>
        double.IsFinite(fraction) ? Fixed(100 * fraction, decimals) + "%" : Missing;

    /// <summary>A difference of two fractions in percentage points, signed.</summary>
    public static string Points(double difference) => Signed(100 * difference, 2);

    /// <summary>A signed number with a true minus sign; what rounds to zero has no sign.</summary>
    public static string Signed(double value, int decimals)
    {
        if (!double.IsFinite(value))
            return Missing;
        string text = Fixed(value, decimals);
        bool zero = text.All(c => c is '0' or '.');
        return zero || value < 0 ? text : "+" + text;
    }

    /// <summary>A whole number with thousands separators.</summary>
    public static string Count(long value) => value.ToString("#,0", Invariant).Replace('-', '\u2212');

    /// <summary>A count in three or four digits: <c>149.6 M</c>.</summary>
    public static string ShortCount(long value) => Math.Abs((double)value) switch
    {
        >= 1e9 => Fixed(value / 1e9, 2) + " G",
        >= 1e6 => Fixed(value / 1e6, 1) + " M",
        >= 1e4 => Fixed(value / 1e3, 1) + " k",
        _ => Count(value),
    };

    /// <summary>Bytes of a file in decimal units: <c>18.42 MB</c>.</summary>
    public static string FileSize(long bytes) => Scaled(bytes, 1000, ByteUnits, 2);

    /// <summary>Bytes of memory in binary units: <c>412.3 MiB</c>.</summary>
    public static string Memory(long bytes) => Scaled(bytes, 1024, MemoryUnits, 1);

    /// <summary>A ratio of sizes: <c>17.3×</c>.</summary>
    public static string Ratio(double ratio) =>
        double.IsFinite(ratio) ? Fixed(ratio, Math.Abs(ratio) < 100 ? 2 : 0) + "\u00D7" : Missing;

    /// <summary>A number of unknown size in about four significant digits: <c>0.4123</c>, <c>3e-5</c>, <c>12,345</c>.</summary>
    public static string Number(double value)
    {
        if (!double.IsFinite(value))
            return Missing;
        double size = Math.Abs(value);
        if (size == 0)
            return "0";
        if (size is < 1e-3 or >= 1e7)
        {
            // The exponent keeps its ASCII sign, so that the number can be copied into a program; a leading minus reads as elsewhere.
            string scientific = size.ToString("0.###e+0", Invariant).Replace("e+", "e", StringComparison.Ordinal);
            return value < 0 ? "\u2212" + scientific : scientific;
        }
        if (size >= 1000)
            return Fixed(value, 0);
        int decimals = size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
        string text = Fixed(value, decimals);
        return text.Contains('.') ? text.TrimEnd('0').TrimEnd('.') : text;
    }

    /// <summary>A value of a metric: percent where <paramref name="isFraction"/>, a plain number elsewhere.</summary>
    public static string Metric(double value, bool isFraction) => isFraction ? Percent(value) : Number(value);

    /// <summary>A number with that many decimals, thousands separators and a true minus sign.</summary>
    public static string Fixed(double value, int decimals)
    {
        if (!double.IsFinite(value))
            return Missing;
        string text = value.ToString("N" + decimals.ToString(Invariant), Invariant);
        // "N" keeps the sign of what rounds to zero.
        if (text[0] == '-' && text.All(c => c is '-' or '0' or '.'))
            text = text[1..];
        return text.Replace('-', '\u2212');
    }

    /// <summary>A time in the two units that matter: <c>2 h 03 min</c>, <c>12 min 34 s</c>, <c>4.2 s</c>, <c>83 ms</c>.</summary>
    public static string Duration(TimeSpan time)
    {
        if (time < TimeSpan.Zero)
            return Missing;
        if (time.TotalSeconds < 0.9995)
            return Fixed(time.TotalMilliseconds, 0) + " ms";
        if (time.TotalSeconds < 59.95)
            return Fixed(time.TotalSeconds, 1) + " s";
        long seconds = (long)Math.Round(time.TotalSeconds);
        if (seconds < 3600)
            return string.Create(Invariant, $"{seconds / 60} min {seconds % 60:00} s");
        long minutes = (long)Math.Round(time.TotalMinutes);
        return string.Create(Invariant, $"{minutes / 60:#,0} h {minutes % 60:00} min");
    }

    /// <summary>An instant in UTC: <c>2026-11-24 23:05:00 UTC</c>.</summary>
    public static string Instant(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", Invariant) + " UTC";

    /// <summary>A shape: <c>768 × 3072</c>; <c>scalar</c> without dimensions.</summary>
    public static string Shape(IReadOnlyList<long> shape) =>
        shape.Count == 0 ? "scalar" : string.Join(" \u00D7 ", shape.Select(d => d.ToString(Invariant)));

    /// <summary>A coordinate of a drawing, two decimals at most, never <c>-0</c>.</summary>
    public static string Coordinate(double value)
    {
        string text = Math.Round(double.IsFinite(value) ? value : 0, 2).ToString("0.##", Invariant);
        return text == "-0" ? "0" : text;
    }

    /// <summary>The text cut to at most that many characters, an ellipsis included.</summary>
    public static string Shorten(string text, int characters)
    {
        if (text.Length <= characters)
            return text;
        int end = characters - 1;
        if (char.IsHighSurrogate(text[end - 1]))
            end--;
        return text[..end] + "\u2026";
    }

    private static string Scaled(long bytes, int unit, string[] names, int decimals)
    {
        if (Math.Abs((double)bytes) < unit)
            return Count(bytes) + " B";
        double value = (double)bytes / unit;
        int i = 0;
        while (Math.Abs(value) >= unit && i < names.Length - 1)
        {
            value /= unit;
            i++;
        }
        return Fixed(value, decimals) + " " + names[i];
    }
}
